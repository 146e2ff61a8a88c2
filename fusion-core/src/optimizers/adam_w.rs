super::adam::adam! {
    /// [`Adam`](super::Adam) with decoupled weight decay (Loshchilov and Hutter, 2019): Keras's `AdamW`.
    ///
    /// Before Adam's step, w −= w · weight_decay · learning_rate. `AdamW::default()` has the weight
    /// decay 0.004 and the rest as `Adam::default()`.
    ///
    /// ```
    /// # extern crate fusion_core as fusion;
    /// use fusion::optimizers::{AdamW, Optimizer};
    ///
    /// let optimizer = AdamW::new(0.01).weight_decay(0.05);
    /// assert!(optimizer.slots().eq(["momentum", "velocity"]));
    /// ```
    pub struct AdamW(learning_rate = 0.001, weight_decay = 0.004);
}
