//! Words of the language as names.

use annals::{Command, Event, EventKind, aggregate, projection};

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

#[test]
fn stored_names_have_no_marks_of_the_language() {
    use annals::{Aggregate, Projection};

    let names: Vec<_> = r#enum::KINDS.iter().map(|kind: &EventKind| kind.name).collect();
    assert_eq!(names, ["enum.match", "enum.loop"]);
    assert_eq!(r#Let { id: String::new(), r#as: 1 }.encode().unwrap().data, r#"{"id":"","as":1}"#);
    assert_eq!((r#struct::NAME, r#impl::CATEGORY, r#static::NAME), ("struct", "impl", "static"));
    let event = r#enum::Match { r#type: 1, r#fn: String::new() };
    assert_eq!(event.tags().unwrap()[0].as_str(), "type:1");
    assert_eq!(event.encode().unwrap().data, r#"{"type":1,"fn":""}"#);
}
