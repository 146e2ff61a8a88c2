// Any order of declaration, a wire used several times, names for layers, options, several outputs.
use fusion::prelude::*;

model! {
    pub struct Tickets {
        output priority = joined => priority: Dense<_, 1, Sigmoid>;
        branch joined = concatenate(title, body_4, same, axis = -1);
        branch same = title;
        input body: [f32; 16];
        output department = dropped => Dense<12, 4, Softmax>;
        branch dropped = joined => Dropout(rate = 0.25) => drop_more: Dropout(0.5);
        branch title = words => Dense<8, 4, Relu> => Dense<4, 4>;
        branch unnamed = body => Dense<_, 4>;
        input words: [f32; 8];
        branch body_4 = maximum(unnamed, title);
        output score = subtract(body_4, title);
        output echo = words;
    }
}

pub fn main() {
    // Inputs come in the order of their declaration.
    let model = Tickets::new(5);
    let TicketsOutput { priority, department, score, echo } = model.predict(&[0.5; 16], &[0.25; 8]);
    let _: ([f32; 1], [f32; 4]) = (priority, score);
    assert!((department.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    assert_eq!(echo, [0.25; 8]);
    let _: &Dense<12, 1, Sigmoid> = &model.priority;
    let outputs = model.predict_batch((&[[0.5; 16]; 2], &[[0.25; 8]; 2])).unwrap();
    assert_eq!((outputs.echo[1], outputs.sample(0).score), (echo, score));
}
