//! What a layer is given beside the batch.

use crate::weights::Random;

/// What `forward` is given beside the batch.
#[non_exhaustive]
pub struct Forward<'a> {
    /// Whether the model trains: dropout drops, batch normalization takes the batch's statistics.
    pub training: bool,
    /// Whether the layer's weights are trained; a frozen batch normalization works as in inference.
    pub trainable: bool,
    /// Whether `backward` follows; if not, nothing need be kept in `saved`.
    pub keep: bool,
    /// Random numbers of this step and layer while training; draw with [`Random::of_sample`]. In inference, where
    /// nothing is random, they are not of the layer.
    pub random: Random,
    /// Where a loss asks for the numbers from before a sigmoid or softmax: see [`Forward::keep_logits`].
    pub logits: Option<&'a mut [f32]>,
    /// The mask of the input, where it has one: 1 for each step that counts and 0 for the others, as many for each
    /// sample as its first dimension has, or its first dimensions together. Of several inputs it is that of the first;
    /// each has its own in [`Operand::mask`](super::Operand#structfield.mask).
    pub mask: Option<&'a [f32]>,
    /// Where the mask of the output goes, of which the layer writes the whole: of a layer that
    /// [makes one](super::Masking::Makes), otherwise empty.
    pub output_mask: &'a mut [f32],
    /// What `backward` will see again: as many numbers as [`Needs::kept`](super::Needs::kept), of any value.
    pub saved: &'a mut [f32],
    /// Free to use: [`Needs::scratch`](super::Needs#structfield.scratch), of any value.
    pub scratch: &'a mut [f32],
}

impl<'a> Forward<'a> {
    /// A pass in inference, with no way back.
    #[must_use]
    #[inline]
    pub const fn new(saved: &'a mut [f32], scratch: &'a mut [f32]) -> Self {
        let random = Random::new(0);
        let (mask, output_mask): (_, &mut [f32]) = (None, &mut []);
        Self { training: false, trainable: true, keep: false, random, logits: None, mask, output_mask, saved, scratch }
    }

    /// The same, a way back following.
    #[must_use]
    pub const fn keeping(mut self) -> Self {
        self.keep = true;
        self
    }

    /// A pass of training, a way back following, with these random numbers.
    #[must_use]
    pub const fn training(mut self, random: Random) -> Self {
        (self.training, self.keep, self.random) = (true, true, random);
        self
    }

    /// The same, the layer's weights being trained or not.
    #[must_use]
    pub const fn trainable(mut self, trainable: bool) -> Self {
        self.trainable = trainable;
        self
    }

    /// The same, the logits being asked for.
    #[must_use]
    pub fn with_logits(mut self, logits: &'a mut [f32]) -> Self {
        self.logits = Some(logits);
        self
    }

    /// The same, the input having this mask.
    #[must_use]
    pub const fn with_mask(mut self, mask: Option<&'a [f32]>) -> Self {
        self.mask = mask;
        self
    }

    /// The mask of the input where it has so many numbers, those of all samples together.
    #[must_use]
    #[inline]
    pub fn mask_of(&self, numbers: usize) -> Option<&'a [f32]> {
        self.mask.filter(|mask| mask.len() == numbers)
    }

    /// What a layer within this one is given, with its own part of the memory: the mask is that of this one.
    pub fn within<'b>(&self, random: Random, saved: &'b mut [f32], scratch: &'b mut [f32]) -> Forward<'b>
    where
        'a: 'b,
    {
        let Self { training, trainable, keep, mask, .. } = *self;
        Forward { training, trainable, keep, random, logits: None, mask, output_mask: &mut [], saved, scratch }
    }

    /// Writes down the numbers from before a sigmoid or softmax, where a loss asks for them.
    ///
    /// Keras trains on the logits then (`_keras_logits` in `keras.activations`): where a probability is 0 or 1 to the
    /// last digit, it has no slope left, but the logit has. A layer with [`Needs::logits`](super::Needs#structfield.logits)
    /// calls this with what the activation is applied to, and [`Backward::add_logits_gradient`] with the gradient of it.
    #[inline]
    pub fn keep_logits(&mut self, numbers: &[f32]) {
        if let Some(logits) = &mut self.logits {
            logits.copy_from_slice(numbers);
        }
    }
}

/// What `backward` is given beside the batch; `L` is the layer.
#[cfg(feature = "training")]
#[non_exhaustive]
pub struct Backward<'a, L> {
    /// As it was in `forward`.
    pub training: bool,
    /// As it was in `forward`.
    pub trainable: bool,
    /// The same random numbers as in `forward`.
    pub random: Random,
    /// The sums that the gradients of the weights are **added** to; none where the layer is frozen.
    pub gradient: Option<&'a mut L>,
    /// For parameters whose gradient comes in rows, where the squares of the rows are added up, if they are asked for.
    ///
    /// Keras on TensorFlow keeps the gradient of an embedding as one row for each use of an id, and squares them
    /// before they are added up (`tf.IndexedSlices` in `keras.ops.square`). The optimizers' second moments are made
    /// of these.
    pub squares: Option<&'a mut L>,
    /// The gradient with respect to the logits that `forward` was asked for, to be added to that which comes
    /// through the activation.
    pub logits_gradient: Option<&'a [f32]>,
    /// What each sample counts in the loss: 1 / the samples of the batch.
    pub share: f32,
    /// The mask of the input, as in `forward`.
    pub mask: Option<&'a [f32]>,
    /// What `forward` kept.
    pub saved: &'a mut [f32],
    /// Free to use: [`Needs::backward_scratch`](super::Needs#structfield.backward_scratch), of any value.
    pub scratch: &'a mut [f32],
}

#[cfg(feature = "training")]
impl<'a, L> Backward<'a, L> {
    /// The way back of a pass in inference, adding to `gradient` if there is one.
    #[must_use]
    pub const fn new(gradient: Option<&'a mut L>, saved: &'a mut [f32], scratch: &'a mut [f32]) -> Self {
        let (trainable, random) = (gradient.is_some(), Random::new(0));
        let (squares, logits_gradient, share, mask) = (None, None, 1.0, None);
        Self { training: false, trainable, random, gradient, squares, logits_gradient, share, mask, saved, scratch }
    }

    /// The way back of a pass of training, with the random numbers that `forward` had.
    #[must_use]
    pub const fn training(mut self, random: Random) -> Self {
        (self.training, self.random) = (true, random);
        self
    }

    /// The same, the squares of gradients that come in rows being asked for.
    #[must_use]
    pub const fn with_squares(mut self, squares: Option<&'a mut L>) -> Self {
        self.squares = squares;
        self
    }

    /// The same, with a gradient of the logits.
    #[must_use]
    pub const fn with_logits_gradient(mut self, gradient: &'a [f32]) -> Self {
        self.logits_gradient = Some(gradient);
        self
    }

    /// The same, the input having this mask.
    #[must_use]
    pub const fn with_mask(mut self, mask: Option<&'a [f32]>) -> Self {
        self.mask = mask;
        self
    }

    /// The mask of the input where it has so many numbers, those of all samples together.
    #[must_use]
    #[inline]
    pub fn mask_of(&self, numbers: usize) -> Option<&'a [f32]> {
        self.mask.filter(|mask| mask.len() == numbers)
    }

    /// What a layer within this one is given: `part` leads to it, and `saved` and `scratch` are its own part of the
    /// memory, which must have been taken out of this context. The mask is that of this one.
    pub fn within<'b, M>(
        &'b mut self,
        part: impl Fn(&mut L) -> &mut M,
        random: Random,
        saved: &'b mut [f32],
        scratch: &'b mut [f32],
    ) -> Backward<'b, M> {
        let Self { training, trainable, share, mask, .. } = *self;
        let gradient = self.gradient.as_deref_mut().map(&part);
        let squares = self.squares.as_deref_mut().map(&part);
        let logits_gradient = None;
        Backward { training, trainable, random, gradient, squares, logits_gradient, share, mask, saved, scratch }
    }

    /// Adds the gradient with respect to the logits, where there is one, to that of what the activation was applied
    /// to.
    #[inline]
    pub fn add_logits_gradient(&self, gradient: &mut [f32]) {
        if let Some(logits_gradient) = self.logits_gradient {
            gradient.iter_mut().zip(logits_gradient).for_each(|(sum, extra)| *sum += extra);
        }
    }
}

/// What `update_state` is given: the batch that a step of training was made of.
#[non_exhaustive]
pub struct State<'a> {
    /// How many samples the batch has.
    pub samples: usize,
    /// What `forward` kept.
    pub saved: &'a mut [f32],
}

impl<'a> State<'a> {
    /// A batch of so many samples, and what `forward` kept of it.
    #[must_use]
    pub const fn new(samples: usize, saved: &'a mut [f32]) -> Self {
        Self { samples, saved }
    }
}
