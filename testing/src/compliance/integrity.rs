//! Contract 10: what is read is what was appended, byte for byte.

use annals_core::store::Append;
use annals_core::{
    AppendId, Category, EncodedMetadata, Encoding, EventId, ExpectedVersion, Filter, NewEvent, Payload, StreamId, Tenant,
};
use bytes::Bytes;

use super::Subject;
use super::sample::*;

/// Appends events to one stream and checks that both ways of reading give back each of their parts.
async fn assert_kept(subject: &Subject, events: Vec<NewEvent>) {
    let store = subject.store();
    let append = to(&stream("kept"), events.clone());
    stored(store, append.clone()).await;
    let by_stream = read(store, &stream("kept")).await;
    let by_log = log(store, &Filter::all()).await;
    assert_eq!(by_stream, by_log);
    assert_eq!(by_stream.len(), events.len());
    for (recorded, event) in by_stream.iter().zip(&events) {
        assert_eq!(recorded.payload.encoding, event.payload.encoding, "the encoding of {:?}", event.payload.data);
        assert_eq!(recorded.payload.data, event.payload.data, "the body");
        assert_eq!(recorded.metadata.as_bytes(), event.metadata.as_bytes(), "the metadata");
        let kept = (recorded.id, &recorded.name, recorded.schema_version, recorded.append_id);
        assert_eq!(kept, (event.id, &event.name, event.schema_version, append.id));
        assert_eq!(recorded.tags, event.tags, "the tags");
    }
}

/// Bytes that a store which looks into them would change or refuse.
fn difficult_bytes() -> Vec<Bytes> {
    let texts: [&'static [u8]; 12] = [
        b"",
        b"\0",
        b"null",
        b"{ \"b\" : 1,\n\t\"a\" : 2, \"a\" : 3 }",
        b"{\"n\":1.0,\"big\":123456789012345678901234567890,\"e\":1E+2,\"z\":-0}",
        b"{\"text\":\"\\u0000 \\u00e9 \\ud83e\\udd80\"}",
        "{\"텍스트\":\"é é 🦀 \u{202e}rtl\"}".as_bytes(),
        b"{\"open\":",
        b"\xff\xfe\x00\x80\xc3\x28",
        b"\xef\xbb\xbf{}",
        b"' OR 1=1; --",
        b"\\x00\\",
    ];
    let every_byte: Vec<u8> = (0..=u8::MAX).cycle().take(4_096).collect();
    texts.into_iter().map(Bytes::from_static).chain([every_byte.into()]).collect()
}

pub(super) async fn bodies_come_back_byte_for_byte(subject: Subject) {
    let with_body = |data| NewEvent { payload: Payload { encoding: Encoding::JSON, data }, ..event() };
    assert_kept(&subject, difficult_bytes().into_iter().map(with_body).collect()).await;
}

pub(super) async fn metadata_comes_back_byte_for_byte(subject: Subject) {
    let with_metadata = |data| NewEvent { metadata: EncodedMetadata::from_bytes(data), ..event() };
    assert_kept(&subject, difficult_bytes().into_iter().map(with_metadata).collect()).await;
}

pub(super) async fn encodings_come_back_even_unknown_ones(subject: Subject) {
    let body = |number| Payload { encoding: Encoding::from_number(number), data: Bytes::from_static(b"\xfftext") };
    let numbers = [0, 1, 2, 77, 255, 256, 32_767, 32_768, 65_535];
    assert_kept(&subject, numbers.into_iter().map(|number| NewEvent { payload: body(number), ..event() }).collect()).await;
}

pub(super) async fn schema_versions_and_names_come_back(subject: Subject) {
    let longest = "n".repeat(128);
    let names = ["x", "order.placed", "$system.event", "a_1.b_2.c_3", &longest];
    let versions = [1, 2, 255, 65_536, u32::MAX];
    let events = names.into_iter().zip(versions).map(|(name, schema_version)| NewEvent { schema_version, ..named(name) });
    assert_kept(&subject, events.collect()).await;
}

pub(super) async fn identities_come_back_whatever_their_bytes(subject: Subject) {
    let events = [[0; 16], [0xff; 16], [0x80; 16]].map(|bytes| NewEvent { id: EventId::from_bytes(bytes), ..event() });
    assert_kept(&subject, events.into()).await;
    for bytes in [[0; 16], [0xff; 16]] {
        let append = Append { id: AppendId::from_bytes(bytes), ..to(&stream("ids"), vec![event()]) };
        stored(subject.store(), append.clone()).await;
        assert!(stored(subject.store(), append).await.repeated);
    }
}

pub(super) async fn tags_come_back_in_ascending_order(subject: Subject) {
    let store = subject.store();
    let long = format!("k:{}", "v".repeat(253));
    let tags = ["z:1", "a:9", "a:10", "u:텍스트 🦀", "u:é", "u:e\u{301}", "s: spaces ", "c:a:b:c", "q:'\"%_\\", &long];

    stored(store, to(&stream("a"), vec![tagged(&tags), event()])).await;

    let recorded = read(store, &stream("a")).await;
    let mut expected = tags.map(tag).to_vec();
    expected.sort();
    assert_eq!(recorded[0].tags, expected);
    assert!(recorded[1].tags.is_empty());
    for text in tags {
        assert_eq!(ids(&log(store, &by_tag(text)).await), ids(&recorded[..1]), "the tag {text} finds its event");
    }
}

pub(super) async fn stream_ids_of_any_script_stay_apart(subject: Subject) {
    let store = subject.store();
    let longest = "ü".repeat(127);
    let texts = [
        "a",
        "A",
        "a ",
        " a",
        "a/b",
        "a:b",
        "a'b",
        "a\"b",
        "a%",
        "a_",
        "a\\",
        "é",
        "e\u{301}",
        "한국어",
        "🦀",
        "\u{202e}rtl",
        "line\nbreak",
        "\u{feff}",
        "null",
        "0",
        "00",
        "1e3",
        "../x",
        "$system",
        "ﬁ",
        "fi",
        &longest,
    ];
    for text in texts {
        let appended = stored(store, expecting(&stream(text), ExpectedVersion::NoStream, vec![event()])).await;
        assert_eq!(appended.streams[0].stream.id(), text);
    }
    for text in texts {
        let events = read(store, &stream(text)).await;
        assert_eq!(events.len(), 1, "the stream {text:?}");
        assert_eq!(events[0].stream.id(), text);
    }
    assert_eq!(log(store, &Filter::all()).await.len(), texts.len());
}

pub(super) async fn tenants_are_kept_apart(subject: Subject) {
    let store = subject.store();
    let of = |tenant: &str, id: &str| {
        StreamId::of(Tenant::new(tenant).expect("the tenant is valid"), category(CATEGORY), id).expect("the id is valid")
    };
    // Each of them would be the same as another if tenant and id were run together.
    let streams =
        [of("", "x"), of("a", "x"), of("A", "x"), of("a", "bx"), of("ab", "x"), of("a:b", "x"), of("a", "b:x"), of("한", "x")];

    for stream in &streams {
        stored(store, expecting(stream, ExpectedVersion::NoStream, events(2))).await;
    }

    for stream in &streams {
        let events = read(store, stream).await;
        assert_eq!(events.len(), 2, "of `{stream}`");
        assert!(events.iter().all(|event| event.stream == *stream && event.stream.tenant() == stream.tenant()));
    }
    let logged = log(store, &Filter::category(category(CATEGORY))).await;
    assert_eq!(logged.len(), 2 * streams.len(), "the log has the events of every tenant");
}

pub(super) async fn categories_are_kept_apart(subject: Subject) {
    let store = subject.store();
    let names = ["a", "ab", "a_b", "a1", "$saga.a", "$saga.ab"];
    for name in names {
        stored(store, expecting(&stream_in(name, "x"), ExpectedVersion::NoStream, events(1))).await;
    }
    for name in names {
        let by_stream = read(store, &stream_in(name, "x")).await;
        assert_eq!(by_stream.len(), 1);
        assert_eq!(by_stream[0].stream.category(), &Category::new(name).expect("the category is valid"));
        assert_eq!(log(store, &Filter::category(category(name))).await, by_stream);
    }
}
