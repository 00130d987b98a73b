//! The runbook has a section for every alarm, and every alarm of our own looks at a metric that a part of the system tells.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use std::collections::{BTreeMap, BTreeSet};

const ALARMS: &str = include_str!("../../../infra/alarms.yaml");
const RUNBOOK: &str = include_str!("../../../infra/RUNBOOK.md");
/// The parts that tell metrics, by their service, with their source.
const TOLD: [(&str, &str); 3] = [
    ("session", include_str!("../../../infra/session/src/metrics.rs")),
    ("sweeper", include_str!("../../../functions/sweeper/src/handler.rs")),
    ("webhooks", include_str!("../../../functions/webhooks/src/handler.rs")),
];

/// The alarms of the template: their names without the stack's, and their lines.
fn alarms() -> BTreeMap<String, String> {
    let mut resources: Vec<String> = Vec::new();
    for line in ALARMS.split("\nResources:\n").nth(1).unwrap().split("\nOutputs:\n").next().unwrap().lines() {
        let begins = line.starts_with("  ") && !line.starts_with("   ") && line.ends_with(':');
        match resources.last_mut() {
            Some(resource) if !begins => resource.push_str(&format!("{line}\n")),
            _ => resources.push(format!("{line}\n")),
        }
    }
    let alarms = resources.into_iter().filter(|text| text.contains("Type: AWS::CloudWatch::Alarm"));
    alarms.map(|text| (value(&text, "AlarmName: !Sub \"${Prefix}-").replace('"', ""), text)).collect()
}

/// What stands behind `key` on its line.
fn value(text: &str, key: &str) -> String {
    let line = text.lines().find_map(|line| line.trim().strip_prefix(key));
    line.unwrap_or_else(|| panic!("no {key} in {text}")).trim().to_owned()
}

/// The sections about alarms: their titles, and their text.
fn sections() -> BTreeMap<String, String> {
    let alarms = RUNBOOK.split("\n# Alarms\n").nth(1).unwrap();
    let sections = alarms.split("\n## ").skip(1).map(|section| section.split_once('\n').unwrap());
    sections.map(|(title, text)| (title.trim().to_owned(), text.to_owned())).collect()
}

#[test]
fn every_alarm_has_its_section_and_every_section_its_alarm() {
    let (alarms, sections) = (alarms(), sections());
    assert!(alarms.len() >= 16, "{:?}", alarms.keys());
    let names = |of: &BTreeMap<String, String>| of.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&alarms), names(&sections));
    for (name, text) in sections {
        for part in ["**Means.** ", "**Do.** "] {
            let told = text.split(part).nth(1).unwrap_or_else(|| panic!("{name} lacks {part}"));
            assert!(told.lines().next().unwrap().len() > 40, "{name}: {part}");
        }
    }
}

#[test]
fn every_alarm_tells_somebody_and_has_a_text_of_its_own() {
    let texts: BTreeSet<String> = alarms().values().map(|text| value(text, "AlarmDescription: ")).collect();
    assert_eq!(texts.len(), alarms().len());
    for (name, text) in alarms() {
        assert_eq!(value(&text, "AlarmActions: "), "[!Ref Topic]", "{name}");
    }
}

#[test]
fn our_own_metrics_are_told_by_the_part_that_the_alarm_names() {
    let own: Vec<_> = alarms()
        .into_iter()
        .filter(|(_, text)| text.contains("Namespace: !Sub \"Carteiro/${Prefix}\"\n"))
        .collect();
    assert_eq!(carteiro_telemetry::NAMESPACE, "Carteiro");
    assert!(own.len() >= 6);
    for (name, text) in own {
        let service = value(&text, "- { Name: service, Value: ").replace(" }", "");
        let (_, source) = TOLD.iter().find(|(told, _)| *told == service).unwrap();
        let metric = value(&text, "MetricName: ");
        assert!(source.contains(&format!("\"{metric}\"")), "{name}: {service} does not tell {metric}");
        assert!(RUNBOOK.contains(&format!("`{metric}`")), "{metric} is not in the runbook");
    }
}
