// 2 errors
use fusion::prelude::*;

model! {
    pub struct Net {
        input image: [f32; 20, 30, 3];
        branch a = image => Resizing(height = 8, width = 8, pad_to_aspect_ratio = true, crop_to_aspect_ratio = true);
        branch b = image => Resizing(height = 8, width = 8) => RandomRotation(0.1, interpolation = Bicubic);
        output z = concatenate(a, b) => Flatten => Dense<_, 1>;
    }
}

fn main() {}
