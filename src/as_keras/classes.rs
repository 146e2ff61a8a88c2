//! Keras's classes, and which keys the configuration of each has.
//!
//! Keys whose default says what a layer here does in any case are left out, such as `seed` and what later versions of Keras
//! added: a configuration is then read by all versions of Keras 3.

/// What is known of a class.
#[derive(Clone, Copy, Debug)]
pub(super) struct Class {
    /// Keras's name.
    pub name: &'static str,
    /// The keys, with blanks between them: `units`, whose value follows from the layer; `kernel*`, the three keys of an
    /// array of weights; `gamma~`, its initializer alone; `dtype="float32"`, a value that is always this;
    /// `activity_regularizer?`, one that is left out where it is nothing.
    pub keys: &'static str,
    /// How it is called.
    pub called: Called,
}

/// How a layer is given its wires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Called {
    /// One wire; states before it by the name `initial_state`.
    With,
    /// A list of wires.
    WithList,
    /// Several wires, one after the other.
    InOrder,
}

const fn of(name: &'static str, keys: &'static str) -> Class {
    Class { name, keys, called: Called::With }
}

const fn list(name: &'static str, keys: &'static str) -> Class {
    Class { name, keys, called: Called::WithList }
}

const fn in_order(name: &'static str, keys: &'static str) -> Class {
    Class { name, keys, called: Called::InOrder }
}

const POOLING: &str = "pool_size padding strides data_format";
const ADAPTIVE: &str = "output_size data_format";
const GLOBAL: &str = "keepdims data_format";
const CONVOLUTION: &str = "filters kernel_size strides padding data_format dilation_rate groups activation use_bias kernel* bias* activity_regularizer";
const TRANSPOSED: &str = "filters kernel_size strides padding output_padding data_format dilation_rate activation use_bias kernel* bias* activity_regularizer";
const DEPTHWISE: &str = "depth_multiplier kernel_size strides padding data_format dilation_rate activation use_bias depthwise* bias* activity_regularizer";
const SEPARABLE: &str = "depth_multiplier filters kernel_size strides padding data_format dilation_rate activation use_bias depthwise* pointwise* bias* activity_regularizer";
const CONV_LSTM: &str = "return_sequences return_state go_backwards zero_output_for_mask filters kernel_size strides padding data_format dilation_rate activation recurrent_activation use_bias kernel* recurrent* bias* unit_forget_bias activity_regularizer dropout recurrent_dropout";
// It takes no other keys.
const SPATIAL_DROPOUT: &str = "rate data_format dtype=\"float32\" -trainable";
const HEADS: &str = "use_bias dropout kernel* bias* activity_regularizer=null";

/// All of them that there are here too.
#[rustfmt::skip]
pub(super) const CLASSES: &[Class] = &[
    of("Activation", "activation"),
    of("ActivityRegularization", "l1 l2"),
    of("AdaptiveAveragePooling1D", ADAPTIVE),
    of("AdaptiveAveragePooling2D", ADAPTIVE),
    of("AdaptiveMaxPooling1D", ADAPTIVE),
    of("AdaptiveMaxPooling2D", ADAPTIVE),
    list("Add", ""),
    list("AdditiveAttention", "use_scale dropout"),
    of("AlphaDropout", "rate noise_shape?"),
    list("Attention", "use_scale score_mode dropout"),
    list("Average", ""),
    of("AveragePooling1D", POOLING),
    of("AveragePooling2D", POOLING),
    of("AveragePooling3D", POOLING),
    of("BatchNormalization", "axis momentum epsilon center scale beta* gamma* moving_mean~ moving_variance~"),
    of("Bidirectional", "merge_mode layer backward_layer"),
    of("CategoryEncoding", "num_tokens output_mode"),
    of("CenterCrop", "height width data_format"),
    list("Concatenate", "axis"),
    of("Conv1D", CONVOLUTION),
    of("Conv1DTranspose", TRANSPOSED),
    of("Conv2D", CONVOLUTION),
    of("Conv2DTranspose", TRANSPOSED),
    of("Conv3D", CONVOLUTION),
    of("Conv3DTranspose", TRANSPOSED),
    of("ConvLSTM1D", CONV_LSTM),
    of("ConvLSTM2D", CONV_LSTM),
    of("ConvLSTM3D", CONV_LSTM),
    of("Cropping1D", "cropping"),
    of("Cropping2D", "cropping data_format"),
    of("Cropping3D", "cropping data_format"),
    of("Dense", "units activation use_bias kernel* bias* activity_regularizer?"),
    of("DepthwiseConv1D", DEPTHWISE),
    of("DepthwiseConv2D", DEPTHWISE),
    of("Discretization", "bin_boundaries output_mode dtype=\"float32\" -trainable"),
    list("Dot", "axes normalize"),
    of("Dropout", "rate noise_shape?"),
    of("ELU", "alpha"),
    of("EinsumDense", "equation output_shape activation bias_axes kernel* bias* activity_regularizer"),
    of("Embedding", "input_dim output_dim embeddings* activity_regularizer mask_zero"),
    of("Flatten", "data_format"),
    of("GRU", "return_sequences return_state go_backwards zero_output_for_mask units activation recurrent_activation use_bias kernel* recurrent* bias* activity_regularizer dropout recurrent_dropout reset_after"),
    of("GaussianDropout", "rate"),
    of("GaussianNoise", "stddev"),
    of("GlobalAveragePooling1D", GLOBAL),
    of("GlobalAveragePooling2D", GLOBAL),
    of("GlobalAveragePooling3D", GLOBAL),
    of("GlobalMaxPooling1D", GLOBAL),
    of("GlobalMaxPooling2D", GLOBAL),
    of("GlobalMaxPooling3D", GLOBAL),
    of("GroupNormalization", "groups axis=-1 epsilon center scale beta* gamma*"),
    in_order("GroupedQueryAttention", HEADS),
    list("HashedCrossing", "num_bins output_mode dtype -trainable"),
    of("Hashing", "num_bins salt mask_value output_mode dtype"),
    of("Identity", ""),
    of("IntegerLookup", "invert max_tokens=null num_oov_indices oov_token mask_token output_mode pad_to_max_tokens=false vocabulary_dtype=\"int64\" idf_weights vocabulary"),
    of("LSTM", "return_sequences return_state go_backwards zero_output_for_mask units activation recurrent_activation use_bias kernel* recurrent* bias* unit_forget_bias activity_regularizer dropout recurrent_dropout"),
    of("LayerNormalization", "axis epsilon center scale beta* gamma*"),
    of("LeakyReLU", "negative_slope"),
    of("Masking", "mask_value"),
    of("MaxPooling1D", POOLING),
    of("MaxPooling2D", POOLING),
    of("MaxPooling3D", POOLING),
    list("Maximum", ""),
    list("Minimum", ""),
    in_order("MultiHeadAttention", HEADS),
    list("Multiply", ""),
    of("Normalization", "axis invert mean variance"),
    of("PReLU", "alpha* shared_axes"),
    of("Permute", "dims"),
    of("RMSNormalization", "axis=[-1] epsilon"),
    of("RandomBrightness", "factor value_range data_format"),
    of("RandomContrast", "factor value_range data_format"),
    of("RandomFlip", "mode data_format"),
    of("RandomRotation", "factor fill_mode fill_value interpolation data_format"),
    of("RandomTranslation", "height_factor width_factor fill_mode interpolation fill_value data_format"),
    of("RandomZoom", "height_factor width_factor fill_mode interpolation fill_value data_format"),
    of("ReLU", "max_value negative_slope threshold"),
    of("RepeatVector", "n"),
    of("Rescaling", "scale offset"),
    of("Reshape", "target_shape"),
    of("Resizing", "height width interpolation crop_to_aspect_ratio pad_to_aspect_ratio fill_value antialias data_format"),
    of("SeparableConv1D", SEPARABLE),
    of("SeparableConv2D", SEPARABLE),
    of("SimpleRNN", "return_sequences return_state go_backwards zero_output_for_mask units activation use_bias kernel* recurrent* bias* activity_regularizer dropout recurrent_dropout"),
    of("Softmax", "axis"),
    of("SpatialDropout1D", "rate dtype=\"float32\" -trainable"),
    of("SpatialDropout2D", SPATIAL_DROPOUT),
    of("SpatialDropout3D", SPATIAL_DROPOUT),
    of("SpectralNormalization", "power_iterations layer"),
    list("Subtract", ""),
    of("TimeDistributed", "layer"),
    of("UnitNormalization", "axis"),
    of("UpSampling1D", "size"),
    of("UpSampling2D", "size interpolation data_format"),
    of("UpSampling3D", "size data_format"),
    of("ZeroPadding1D", "padding data_format"),
    of("ZeroPadding2D", "padding data_format"),
    of("ZeroPadding3D", "padding data_format"),
];

/// What is known of the class of this name here.
pub(super) fn class(name: &str) -> Option<&'static Class> {
    CLASSES.iter().find(|class| class.name == name)
}
