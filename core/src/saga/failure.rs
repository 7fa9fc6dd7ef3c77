/// Why a step of a saga did not succeed, as the state of the instance may take it in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The name of the step.
    pub step: String,
    /// What it said, or what went wrong.
    pub reason: String,
    /// Whether it may have happened nevertheless: then it is undone too.
    pub is_unknown: bool,
}

impl Failure {
    /// Puts a failure together.
    pub fn new(step: impl Into<String>, reason: impl Into<String>, is_unknown: bool) -> Self {
        Self { step: step.into(), reason: reason.into(), is_unknown }
    }
}
