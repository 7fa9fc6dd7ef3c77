//! Steps that wait for an event.

use super::*;

#[test]
fn an_event_that_comes_early_passes_the_step_when_it_is_reached() {
    let mut plan = plan([true, false, true], None);
    plan.steps[1].kind = Kind::Wait;
    let mut run = Run::new(plan);
    assert!(run.arrive(1, true));
    assert!(!run.arrive(1, false), "the first that fits counts");
    run.turn(World::Succeed);
    let expected =
        ["started", "step_dispatched", "event_taken", "step_succeeded", "step_dispatched", "step_succeeded", "step_dispatched"];
    assert_eq!(names(&run), expected);
    run.finish();
    assert_eq!(run.instance.phase, Phase::Completed);
}

#[test]
fn nothing_in_time_undoes_unless_the_saga_may_go_on() {
    let waiting = |optional| {
        let mut plan = plan([true, false, true], None);
        (plan.steps[1].kind, plan.steps[1].optional) = (Kind::Wait, optional);
        let mut run = Run::new(plan);
        run.turn(World::Succeed);
        let Next::Await { until: Some(until) } = run.instance.next(&run.plan, Timestamp::from_micros(run.now)) else {
            panic!("it does not wait: {:?}", run.instance);
        };
        run.now = until.as_micros();
        run.finish();
        run.instance.phase
    };
    assert_eq!(waiting(false), Phase::Compensated);
    assert_eq!(waiting(true), Phase::Completed);
}
