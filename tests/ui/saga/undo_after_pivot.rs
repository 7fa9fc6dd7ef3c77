use annals::saga::{Definition, StepError};
use std::convert::Infallible;

fn main() {
    let _ = Definition::<u64>::named("greeting")
        .step("greet")
        .activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
        .pivot()
        .undo_activity(|_| async { Ok::<_, StepError<Infallible>>(()) })
        .build();
}
