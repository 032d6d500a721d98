//! The command line: it is sound, and every command has an example.

use clap::CommandFactory;

use super::Cli;

fn each(command: &clap::Command, path: &str, see: &mut dyn FnMut(&clap::Command, &str)) {
    let path = if path.is_empty() {
        command.get_name().to_owned()
    } else {
        format!("{path} {}", command.get_name())
    };
    see(command, &path);
    for inner in command.get_subcommands() {
        each(inner, &path, see);
    }
}

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_has_an_example_that_parses() {
    let mut seen = 0;
    each(&Cli::command(), "", &mut |command, path| {
        if path == "doorward" {
            return;
        }
        seen += 1;
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        // A line that ends in a backslash goes on in the next.
        let help = help.replace("\\\n      ", "");
        let examples: Vec<&str> = help.lines().filter(|line| line.starts_with("  ")).collect();
        assert!(!examples.is_empty(), "{path} has no example");
        for example in examples {
            let words = words(example.trim());
            let from =
                words.iter().position(|word| word == "doorward").unwrap_or_else(|| panic!("{example}"));
            let until = words
                .iter()
                .position(|word| matches!(word.as_str(), "|" | ">" | "<" | "&&"))
                .unwrap_or(words.len());
            assert!(example.contains(path), "the example of {path} shows another command: {example}");
            let parsed = <Cli as clap::Parser>::try_parse_from(&words[from..until]);
            parsed.unwrap_or_else(|error| panic!("{example}: {error}"));
        }
    });
    assert!(seen > 30, "{seen}");
}

/// Settings of the server are flags of what runs it, or looks at all of them.
#[test]
fn a_command_has_flags_for_the_settings_that_it_uses() {
    each(&Cli::command(), "", &mut |command, path| {
        if command.has_subcommands()
            || ["doorward completions", "doorward dev", "doorward guard", "doorward import magic"]
                .contains(&path)
        {
            return;
        }
        let settings: Vec<&str> = command
            .get_arguments()
            .filter(|argument| argument.get_help_heading() == Some("Settings"))
            .map(|argument| argument.get_id().as_str())
            .collect();
        let looks_at_all = ["doorward serve", "doorward doctor", "doorward config"];
        match path {
            "doorward healthcheck" => assert_eq!(settings, ["config", "ops_listen"]),
            "doorward config manual" => assert_eq!(settings, [""; 0]),
            path if looks_at_all.iter().any(|all| path.starts_with(all)) => {
                assert!(settings.len() > 20, "{path}")
            }
            path => assert_eq!(settings, ["config", "data", "database"], "{path}"),
        }
    });
}

#[test]
fn every_command_and_flag_says_what_it_is_for() {
    each(&Cli::command(), "", &mut |command, path| {
        assert!(command.get_about().is_some(), "{path}");
        for argument in command.get_arguments().filter(|argument| argument.get_id() != "help") {
            assert!(argument.get_help().is_some(), "{path} {}", argument.get_id());
        }
    });
}

/// A shell's words, as far as the examples need them.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    words.push(word);
    words
}
