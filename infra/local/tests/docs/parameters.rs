//! `docs/reference/parameters.md`: what the template asks for and answers, and what its functions and its task are told.

use crate::generated::{heading, is_current};
use crate::yaml::{Entry, section};
use std::fmt::Write;

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{}`", cell(text)) }
}

fn limits(parameter: &Entry) -> String {
    let of = |name: &str| parameter.get(name).map(|entry| entry.scalar());
    let mut said = Vec::new();
    if let Some(values) = of("AllowedValues") {
        said.push(values.trim_matches(['[', ']']).replace('"', ""));
    }
    match (of("MinValue"), of("MaxValue")) {
        (Some(least), Some(most)) => said.push(format!("{least} to {most}")),
        (Some(least), None) => said.push(format!("at least {least}")),
        (None, Some(most)) => said.push(format!("at most {most}")),
        (None, None) => {}
    }
    if let Some(constraint) = of("ConstraintDescription") {
        said.push(constraint);
    } else if let Some(pattern) = of("AllowedPattern") {
        said.push(code(&pattern.replace("\\\\", "\\")));
    }
    said.join("; ")
}

fn parameters(text: &mut String) {
    text.push_str(
        "## Parameters\n\nOf [template.yaml](../../template.yaml). One without a default must be given.\n\n",
    );
    text.push_str("| parameter | default | what it is | allowed |\n|---|---|---|---|\n");
    for parameter in section("template.yaml", "Parameters").entries() {
        let of = |name: &str| parameter.get(name).map(|entry| entry.scalar()).unwrap_or_default();
        let default = of("Default");
        // Long ones are shown below the table.
        let shown = if default.len() > 60 { "below".to_owned() } else { code(&default) };
        let row = [code(&parameter.name), shown, cell(&of("Description")), cell(&limits(&parameter))];
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    for parameter in section("template.yaml", "Parameters").entries() {
        let default = parameter.get("Default").map(|entry| entry.scalar()).unwrap_or_default();
        if default.len() > 60 {
            let value: String = match serde_json::from_str::<serde_json::Value>(&default) {
                Ok(value) => serde_json::to_string_pretty(&value).unwrap(),
                Err(_) => default,
            };
            let _ = write!(text, "\n`{}`:\n\n```json\n{value}\n```\n", parameter.name);
        }
    }
}

fn outputs(text: &mut String) {
    text.push_str("\n## Outputs\n\n| output | what it is |\n|---|---|\n");
    for output in section("template.yaml", "Outputs").entries() {
        let description = output.get("Description").map(|entry| entry.scalar()).unwrap_or_default();
        let _ = writeln!(text, "| {} | {} |", code(&output.name), cell(&description));
    }
}

fn environment(text: &mut String) {
    let globals = section("template.yaml", "Globals").get("Function").unwrap();
    let variables = globals.get("Environment").unwrap().get("Variables").unwrap().entries();
    text.push_str(
        "\n## Environment of the functions\n\nEvery function has all of them and reads those that it needs; one that is missing is said when it starts.\n\n\
         | variable | from |\n|---|---|\n",
    );
    for variable in variables {
        let _ = writeln!(text, "| {} | {} |", code(&variable.name), code(&variable.value));
    }
    text.push_str("\n## Environment of the session task\n\n| variable | from |\n|---|---|\n");
    for line in crate::yaml::read("infra/session.yaml").lines() {
        let Some(rest) = line.trim().strip_prefix("- { Name: ") else { continue };
        let Some((name, value)) = rest.trim_end_matches(" }").split_once(", Value: ") else { continue };
        if name.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
            let _ = writeln!(text, "| {} | {} |", code(name), code(value.trim_matches('"')));
        }
    }
}

#[test]
fn the_page_of_parameters_is_current() {
    let mut text = heading("Parameters, outputs and environment");
    parameters(&mut text);
    outputs(&mut text);
    environment(&mut text);
    for expected in
        ["`ShardCount`", "`ApiUrl`", "`CARTEIRO_SENDS_TABLE`", "`CARTEIRO_WHATSAPP`", "\"basico\""]
    {
        assert!(
            text.contains(expected),
            "{expected} is missing: the template is written in a way that this test cannot read"
        );
    }
    is_current("docs/reference/parameters.md", &text);
}
