// A layer and a merge of the user's work like built-in ones.
use fusion::layer::{Backward, Forward, Mistake, Operand, Output, Several, TrainLayer, Wires};
use fusion::prelude::*;
use fusion::shape::Text;
use fusion::weights::Configured;

mod my {
    use super::*;

    /// y = scale · x.
    #[derive(Parameters, Clone, Debug)]
    pub struct Scale<const N: usize> {
        pub scale: [f32; N],
    }

    impl<In: Tensor, O: OptionsOf<Self>, const N: usize> Layer<In, O> for Scale<N> {
        const OUTPUT: Output = Output::new(In::SHAPE).or(Mistake::unless_numbers::<In>());

        fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[In], y: &mut [Out]) {
            let (x, y) = (In::numbers(x), Out::numbers_mut(y));
            for ((x, y), scale) in x.iter().zip(y).zip(self.scale.iter().cycle()) {
                *y = x * scale;
            }
        }
    }

    impl<In: Tensor, O: OptionsOf<Self>, const N: usize> TrainLayer<In, O> for Scale<N> {
        fn backward<Out: Tensor>(
            &self,
            cx: &mut Backward<'_, Self>,
            x: &[In],
            _y: &[Out],
            dy: &mut [Out],
            dx: Option<&mut [In]>,
        ) {
            if let Some(gradient) = &mut cx.gradient {
                for (index, (x, dy)) in In::numbers(x).iter().zip(Out::numbers(dy)).enumerate() {
                    gradient.scale[index % N] += x * dy;
                }
            }
            let Some(dx) = dx else { return };
            for ((dy, dx), scale) in Out::numbers(dy).iter().zip(In::numbers_mut(dx)).zip(self.scale.iter().cycle()) {
                *dx = dy * scale;
            }
        }
    }

    /// y = |a − b|, of two wires of one shape.
    #[derive(Parameters, Clone, Debug)]
    pub struct Distance;

    impl<W: Wires, const K: usize, O: OptionsOf<Self>> Layer<Several<W, K>, O> for Distance {
        const OUTPUT: Output = {
            let fits = K == 2 && W::WIRES[0].carries(&W::WIRES[1]);
            let mistake = if fits { None } else { Some(Mistake::sentence(Text::new("takes two wires of one shape"))) };
            Output::new(W::WIRES[0].shape).or(mistake)
        };

        fn forward<Out: Tensor>(&self, _cx: &mut Forward<'_>, x: &[Operand<'_>], y: &mut [Out]) {
            for ((y, a), b) in Out::numbers_mut(y).iter_mut().zip(x[0].numbers).zip(x[1].numbers) {
                *y = (a - b).abs();
            }
        }
    }

    impl<W: Wires, const K: usize, O: OptionsOf<Self>> TrainLayer<Several<W, K>, O> for Distance {
        fn backward<Out: Tensor>(
            &self,
            _cx: &mut Backward<'_, Self>,
            x: &[Operand<'_>],
            _y: &[Out],
            dy: &mut [Out],
            dx: &mut [Option<&mut [f32]>],
        ) {
            for (wire, sign) in [1.0, -1.0].into_iter().enumerate() {
                let Some(dx) = &mut dx[wire] else { continue };
                for (index, (dx, dy)) in dx.iter_mut().zip(Out::numbers(dy)).enumerate() {
                    *dx = sign * (x[0].numbers[index] - x[1].numbers[index]).signum() * dy;
                }
            }
        }
    }
}

model! {
    struct Scaled = [f32; 3] => my::Scale<3> => Dense<_, 2>;
}

model! {
    struct Apart {
        input a: [f32; 3];
        input b: [f32; 3];
        branch x = a => Dense<_, 4>;
        branch y = b => Dense<_, 4>;
        output z = (a = x, b = y) => my::Distance => Dense<4, 1>;
    }
}

pub fn main() {
    let mut model = Scaled::new(1);
    model.scale.scale = [0.0; 3];
    assert_eq!(model.predict(&[1.0, 2.0, 3.0]), [0.0; 2]);
    assert_eq!(<my::Scale<3> as Configured>::CLASS, "Scale");

    let mut apart = Apart::new(1);
    let (a, b) = (vec![[0.5, 1.0, -1.0]; 8], vec![[1.0, 0.0, 2.0]; 8]);
    let mut trainer = Trainer::new(&mut apart, Adam::new(0.05), MeanSquaredError).epochs(300).verbose(false);
    let history = trainer.fit(ApartInputs { a: &a, b: &b }, &[[3.0]; 8]).unwrap();
    let losses = &history["loss"];
    assert!(losses[299] < losses[0] / 10.0, "{losses:?}");
}
