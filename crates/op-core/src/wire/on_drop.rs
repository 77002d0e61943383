//! Running a function at the end of a scope.

/// Runs a function when it is dropped: at the end of a scope, or when a future is cancelled.
pub(crate) struct OnDrop<F: Fn()>(pub(crate) F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
