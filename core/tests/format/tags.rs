use annals_core::Tag;
use serde::Deserialize;

use crate::support::golden;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tags {
    #[serde(rename = "about")]
    _about: String,
    tags: Vec<Written>,
    refused: Vec<String>,
    order: Order,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    key: String,
    value: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    #[serde(rename = "about")]
    _about: String,
    given: Vec<Tag>,
    kept: Vec<Tag>,
}

#[test]
fn a_tag_is_written_as_key_colon_value() {
    let golden: Tags = golden!("tags");
    for case in golden.tags {
        let tag = Tag::new(&case.key, &case.value).unwrap();
        assert_eq!(tag.as_str(), case.text);
        assert_eq!(serde_json::to_value(&tag).unwrap(), serde_json::Value::from(case.text.as_str()));
        let read = Tag::parse(&case.text).unwrap();
        assert_eq!((read.key(), read.value()), (case.key.as_str(), case.value.as_str()));
    }
    for text in golden.refused {
        assert!(Tag::parse(&text).is_err(), "{text:?}");
    }
}

#[test]
fn tags_are_kept_in_byte_order_and_once() {
    let Order { given, kept, .. } = golden::<Tags>().order;
    let event = crate::events::Tagged(given);
    assert_eq!(crate::events::prepare(&event).tags, kept);
}

fn golden<T: serde::de::DeserializeOwned>() -> T {
    golden!("tags")
}
