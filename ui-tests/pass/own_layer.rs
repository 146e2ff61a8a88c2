// A layer of the user's works like a built-in one.
use fusion::{Backward, Configured, Fit, Forward};
use fusion::prelude::*;

mod my {
    use super::*;

    /// y = scale · x.
    #[derive(Parameters, Clone, Debug)]
    pub struct Scale<const N: usize> {
        pub scale: [f32; N],
    }

    impl<In: Tensor, O: OptionsOf<Self>, const N: usize> Layer<In, O> for Scale<N> {
        const FIT: Fit = Fit::new(In::SHAPE);

        fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
            let (x, y) = (In::numbers(x), Out::numbers_mut(y));
            for ((x, y), scale) in x.iter().zip(y).zip(self.scale.iter().cycle()) {
                *y = x * scale;
            }
        }

        fn backward<Out: Tensor>(
            &self,
            _cx: &mut Backward<'_>,
            _x: &[In],
            _y: &[Out],
            dy: &mut [Out],
            dx: Option<&mut [In]>,
            _gradient: &mut Self,
        ) {
            let Some(dx) = dx else { return };
            for ((dy, dx), scale) in Out::numbers(dy).iter().zip(In::numbers_mut(dx)).zip(self.scale.iter().cycle()) {
                *dx = dy * scale;
            }
        }
    }
}

model! {
    struct Scaled = [f32; 3] => my::Scale<3> => Dense<_, 2>;
}

fn main() {
    let mut model = Scaled::new(1);
    model.scale.scale = [0.0; 3];
    assert_eq!(model.predict(&[1.0, 2.0, 3.0]), [0.0; 2]);
    assert_eq!(<my::Scale<3> as Configured>::CLASS, "Scale");
}
