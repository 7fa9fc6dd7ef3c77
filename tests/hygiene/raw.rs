//! Words of the language as names.

use annals::saga::{Failure, StepError};
use annals::{Command, Event, EventKind, aggregate, projection, saga};

#[derive(Event)]
enum r#enum {
    r#Match {
        #[tag]
        r#type: u64,
        r#fn: String,
    },
    r#loop,
}

#[derive(Command)]
struct r#struct {
    #[id]
    r#move: String,
    r#ref: u64,
}

#[aggregate(id = String, event = r#enum)]
#[derive(Default)]
struct r#impl;

#[aggregate]
impl r#impl {
    #[command]
    fn r#do(&self, r#in: r#struct) -> Result<r#enum, std::fmt::Error> {
        Ok(r#enum::Match { r#type: r#in.r#ref, r#fn: r#in.r#move })
    }

    #[command(r#Let)]
    fn r#let(&self, r#as: u64) -> Result<r#enum, std::fmt::Error> {
        Ok(r#enum::Match { r#type: r#as, r#fn: String::new() })
    }

    #[event]
    fn r#for(&mut self, _event: &r#enum) {}
}

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct r#static;

#[projection]
impl r#static {
    #[on]
    fn r#while(&mut self, _event: &r#enum) {}
}

#[derive(serde::Serialize, serde::Deserialize)]
struct r#virtual;

#[saga(manual)]
impl r#virtual {
    #[step]
    fn r#move(&self) -> Option<r#struct> {
        None
    }

    #[undo(r#move)]
    fn r#return(&self) -> Option<r#struct> {
        None
    }

    #[step]
    async fn r#await(&self, r#dyn: &u64) -> Result<u64, StepError<std::fmt::Error>> {
        Ok(*r#dyn)
    }

    #[outcome(r#await)]
    fn r#true(&mut self, _in: u64) {}

    #[undo(r#await)]
    fn r#false(&self) -> Option<r#struct> {
        None
    }

    #[wait(pivot)]
    fn r#yield(_fn: &r#enum) -> Option<Result<(), String>> {
        None
    }

    #[failure(r#move)]
    fn r#break(&mut self, _if: &Failure) {}
}

#[test]
fn stored_names_have_no_marks_of_the_language() {
    use annals::{Aggregate, Projection, Saga};

    let names: Vec<_> = r#enum::KINDS.iter().map(|kind: &EventKind| kind.name).collect();
    assert_eq!(names, ["enum.match", "enum.loop"]);
    assert_eq!(r#Let { id: String::new(), r#as: 1 }.encode().unwrap().data, r#"{"id":"","as":1}"#);
    assert_eq!((r#struct::NAME, r#impl::CATEGORY, r#static::NAME), ("struct", "impl", "static"));
    let event = r#enum::Match { r#type: 1, r#fn: String::new() };
    assert_eq!(event.tags().unwrap()[0].as_str(), "type:1");
    assert_eq!(event.encode().unwrap().data, r#"{"type":1,"fn":""}"#);
    let definition = r#virtual::definition().unwrap();
    let steps: Vec<_> = definition.plan().steps.iter().map(|step| (step.name, step.undo)).collect();
    assert_eq!((definition.plan().name, steps), ("virtual", vec![("move", true), ("await", true), ("yield", false)]));
}
