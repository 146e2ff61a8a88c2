//! The networks of the cases.

use fusion::prelude::*;

model! {
    /// M1, two kinds of data.
    pub struct M1 {
        input a: [f32; 32];
        input b: [f32; 128];
        branch x = a => Dense<_, 8, Relu> => Dense<_, 4, Relu>;
        branch y = b => Dense<_, 64, Relu> => Dense<_, 32, Relu> => Dense<_, 4, Relu>;
        output z = concatenate(x, y) => Dense<_, 2, Relu> => Dense<_, 1>;
    }
}

model! {
    /// M2, a small chain.
    pub struct M2 {
        input x: [f32; 10];
        output y = x => Dense<_, 64, Relu> => Dense<_, 32, Relu> => Dense<_, 1>;
    }
}

model! {
    /// M3, a wide chain.
    pub struct M3 {
        input x: [f32; 784];
        output y = x => Dense<_, 512, Relu> => Dense<_, 512, Relu> => Dense<_, 10>;
    }
}

model! {
    /// The residual network of Keras's functional API guide.
    pub struct Resnet {
        input img: [f32; 32, 32, 3];
        branch stem = img => Conv2d<_, 32, 3, Relu> => Conv2d<_, 64, 3, Relu> => MaxPooling2d(3);
        branch inner_1 = stem => Conv2d<_, 64, 3, Relu>(padding = Same) => Conv2d<_, 64, 3, Relu>(padding = Same);
        branch block_1 = add(inner_1, stem);
        branch inner_2 = block_1 => Conv2d<_, 64, 3, Relu>(padding = Same) => Conv2d<_, 64, 3, Relu>(padding = Same);
        branch block_2 = add(inner_2, block_1);
        output class = block_2 => Conv2d<_, 64, 3, Relu> => GlobalAveragePooling2d => Dense<_, 256, Relu>
            => Dropout(0.5) => Dense<_, 10>;
    }
}

model! {
    /// The guide's tickets, with titles of 10 words and bodies of 100.
    pub struct Tickets {
        input title: [u32; 10];
        input body: [u32; 100];
        input tags: [f32; 12];
        branch title_features = title => Embedding<10000, 64> => Lstm<_, 128>;
        branch body_features = body => Embedding<10000, 64> => Lstm<_, 32>;
        branch x = concatenate(title_features, body_features, tags);
        output priority = x => Dense<_, 1>;
        output department = x => Dense<_, 4>;
    }
}

model! {
    /// Attributes and a photo.
    pub struct Mixed {
        input attributes: [f32; 10];
        input photo: [f32; 64, 64, 3];
        block seen<FILTERS>(x) => Conv2d<_, FILTERS, 3, Relu>(padding = Same) => BatchNormalization<_> => MaxPooling2d(2);
        branch x = attributes => Dense<_, 8, Relu> => Dense<_, 4, Relu>;
        branch y = photo => seen<16> => seen<32> => seen<64> => Flatten => Dense<_, 16, Relu> => BatchNormalization<_>
            => Dense<_, 4, Relu>;
        output price = concatenate(x, y) => Dense<_, 4, Relu> => Dense<_, 1>;
    }
}

model! {
    /// A block of a transformer: 64 steps of 128 numbers, 4 heads of 32, and 256 units within.
    pub struct Transformer {
        input x: [f32; 64, 128];
        branch attended = (query = x, value = x) => MultiHeadAttention<_, 4, 32>;
        branch h = x + attended => LayerNormalization<_>;
        branch f = h => Dense<_, 256, Relu> => Dense<_, 128>;
        output y = h + f => LayerNormalization<_>;
    }
}
