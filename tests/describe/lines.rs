//! Whether the lines of a diagram are well-formed, as far as no parser of Mermaid is needed to say so.

/// Takes labels and numbers of characters away; what is left must be the few signs that the diagrams are made of.
#[track_caller]
pub(crate) fn assert_well_formed(diagram: &str) {
    let mut lines = diagram.lines();
    let flowchart = match lines.next() {
        Some("flowchart TB" | "flowchart LR") => true,
        Some("sequenceDiagram") => false,
        other => panic!("{other:?} is no kind of diagram"),
    };
    for line in lines.map(str::trim_start) {
        assert!(!line.contains(|character: char| character.is_control()), "{line:?}");
        let rest = if flowchart { without_labels(line) } else { without_text(line) };
        let rest = rest.split_whitespace().map(part).collect::<Option<Vec<_>>>();
        assert!(rest.is_some_and(|parts| !parts.is_empty()), "not well-formed: {line:?}");
    }
}

/// An identity, perhaps with a shape and a class around a label that was taken away, or an arrow.
fn part(part: &str) -> Option<()> {
    const ARROWS: [&str; 15] =
        ["-->", "==>", "-.->", "~~~", "--", "-.", ".->", "->>", "-->>", "--x", "{{@}}", "[@]", "([@])", "@", ":"];
    let id = |text: &str| !text.is_empty() && text.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    let shape = |text: &str| ARROWS.contains(&text);
    let (text, class) = part.split_once(":::").unwrap_or((part, "none"));
    let (name, rest) = text.split_at(text.find(|it: char| !(it.is_ascii_alphanumeric() || it == '_')).unwrap_or(text.len()));
    // The colours of a class.
    let style = text.starts_with("fill:#") && text.split([':', '#', ',', '-']).all(|word| word.is_empty() || id(word));
    let is_fine = style || id(class) && (name.is_empty() || id(name)) && (rest.is_empty() || shape(rest));
    is_fine.then_some(())
}

/// Each label as one `@`, once it is seen that nothing in it means anything.
fn without_labels(line: &str) -> String {
    let mut rest = String::new();
    for (at, part) in line.split('"').enumerate() {
        if at % 2 == 0 {
            rest.push_str(part);
            continue;
        }
        part.split("<br/>").for_each(assert_plain);
        rest.push('@');
    }
    assert!(line.matches('"').count().is_multiple_of(2), "a label has no end: {line:?}");
    rest
}

/// The line up to the text of a message or participant.
fn without_text(line: &str) -> String {
    if let Some((participant, name)) = line.split_once(" as ") {
        assert_plain(name);
        return participant.to_owned();
    }
    let (message, text) = line.split_once(": ").unwrap_or_else(|| panic!("{line:?} says nothing"));
    assert_plain(text);
    let arrow = ["-->>", "->>", "--x"].into_iter().find(|arrow| message.contains(arrow));
    arrow.map_or_else(|| message.to_owned(), |arrow| message.replacen(arrow, " ", 1))
}

#[track_caller]
fn assert_plain(text: &str) {
    for (at, part) in text.split('#').enumerate() {
        let rest = match part.split_once(';') {
            Some((number, rest)) if at > 0 && number.bytes().all(|it| it.is_ascii_digit()) => rest,
            _ if at == 0 => part,
            _ => panic!("`#` means something in {text:?}"),
        };
        let plain = |it: char| it.is_alphanumeric() || !it.is_ascii() || " _.,/!?'-$:+".contains(it);
        assert!(rest.chars().all(plain), "something in {text:?} means something");
    }
}
