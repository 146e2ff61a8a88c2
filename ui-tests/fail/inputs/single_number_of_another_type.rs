// 1 error
use fusion::prelude::*;

model! {
    pub struct Recommender {
        input user: u64;
        input item: u32;
        branch x = user => Embedding<1000, 8>;
        branch y = item => Embedding<5000, 8>;
        output rating = dot(x, y, axes = 1);
    }
}

fn main() {
    println!("{:?}", Recommender::new(42).predict_named(RecommenderInput { user: &1, item: &2 }));
}
