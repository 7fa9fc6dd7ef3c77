//! What the compiler answers to typical mistakes. `TRYBUILD=overwrite cargo test --test ui` writes the answers anew:
//! review them like code.

#[test]
fn mistakes_are_answered_in_the_words_of_the_user() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*/*.rs");
}
