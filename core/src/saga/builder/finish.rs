//! The end of a definition: what no type can check.

use super::Parts;
use crate::Category;
use crate::saga::step::Action;
use crate::saga::{Definition, InvalidSaga};
use crate::text::is_word;

impl<S: Send + Sync + 'static> Parts<S> {
    pub(super) fn finish(self) -> Result<Definition<S>, InvalidSaga> {
        let Self { plan, steps, starters, on_failure, reactions, rejections } = self;
        let name = || InvalidSaga::Name(plan.name.to_owned());
        if !is_word(plan.name.as_bytes()) {
            return Err(name());
        }
        let category = Category::new(format!("$saga.{}", plan.name)).map_err(|_| name())?;
        for (index, step) in plan.steps.iter().enumerate() {
            if !is_word(step.name.as_bytes()) {
                return Err(InvalidSaga::StepName { saga: plan.name, step: step.name });
            }
            if plan.index_of(step.name) != Some(index) {
                return Err(InvalidSaga::RepeatedStep { saga: plan.name, step: step.name });
            }
            let actions = steps.get(index).into_iter().flat_map(|step| std::iter::once(&step.act).chain(&step.undo));
            if let Some(command) = { actions }.find_map(Action::ambiguous) {
                return Err(InvalidSaga::AmbiguousCommand { saga: plan.name, step: step.name, command });
            }
        }
        Ok(Definition { plan, steps, starters, on_failure, reactions, rejections, category })
    }
}
