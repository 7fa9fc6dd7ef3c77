//! Steps that may say no, where the saga goes on without them.

use super::*;

#[test]
fn a_step_that_says_no_is_left_out_where_the_saga_goes_on() {
    let mut plan = plan([true, true, true], None);
    plan.steps[1].goes_on = true;
    let mut run = Run::new(plan);
    run.turn(World::Succeed);
    run.turn(World::Reject);
    assert_eq!(names(&run)[3..], ["step_dispatched", "step_declined", "step_dispatched"]);
    // A later step undoes what was done, and not what was left out.
    run.turn(World::Reject);
    run.finish();
    let expected = ["step_rejected", "compensation_started", "compensation_dispatched", "compensated", "compensated_fully"];
    assert_eq!(names(&run)[6..], expected);
    run.check();
}

#[test]
fn only_a_no_is_left_out() {
    for world in [World::Blur, World::Fail] {
        let mut plan = plan([true, true, true], None);
        (plan.steps[0].goes_on, plan.steps[0].retry) = (true, RetryPolicy::attempts(1));
        let mut run = Run::new(plan);
        run.turn(world);
        assert_eq!(run.instance.phase, Phase::Compensating, "{world:?}");
    }
}

#[test]
fn the_last_step_and_one_after_the_pivot_may_be_left_out() {
    let mut plan = plan([true, false, false], Some(1));
    plan.steps[2].goes_on = true;
    let mut run = Run::new(plan);
    run.turn(World::Succeed);
    run.turn(World::Succeed);
    run.turn(World::Reject);
    assert_eq!(names(&run)[names(&run).len() - 2..], ["step_declined", "completed"]);
}
