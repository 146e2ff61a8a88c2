// 4 errors
//! Softmax of a single number is 1 whatever that is.

use fusion::prelude::*;

model! { struct Dense1 = [f32; 2] => Dense<_, 4, Relu> => Dense<_, 1, Softmax>; }
model! { struct Activation1 = [f32; 2] => Dense<_, 1> => Activation<LogSoftmax>; }
model! { struct Layer1 = [f32; 3, 1] => Softmax => Flatten => Dense<_, 2, Softmax>; }
model! { struct Convolution1 = [f32; 4, 2] => Conv1d<_, 1, 3, Softmax> => Flatten; }

fn main() {}
