// 1 error
use fusion::metrics::Metric;

#[derive(Default)]
struct Range {
    least: f32,
    most: f32,
}

struct Spread;

impl Metric<[f32; 1]> for Spread {
    type Target = [f32; 1];
    type State = Range;
    fn name(&self) -> &'static str {
        "spread"
    }
    fn update(&self, state: &mut Range, _: &[[f32; 1]], predictions: &[[f32; 1]], _: Option<&[f32]>) {
        for [z] in predictions {
            (state.least, state.most) = (state.least.min(*z), state.most.max(*z));
        }
    }
    fn result(&self, state: &Range) -> f64 {
        f64::from(state.most - state.least)
    }
}

fn main() {}
