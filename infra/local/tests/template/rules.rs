//! Which parameters go together, as the rules of the templates have it.

use super::{read, samconfig, yaml};
use carteiro_local::STACK_PARAMETERS;
use serde_json::Value;
use std::collections::BTreeMap;

type Parameters = BTreeMap<String, String>;

/// What a function of a rule comes to, as CloudFormation reckons it.
fn holds(node: &Value, parameters: &Parameters) -> bool {
    let (function, of) = node.as_object().unwrap().iter().next().unwrap();
    let of: Vec<&Value> = of.as_array().unwrap().iter().collect();
    let word = |value: &Value| match value["Ref"].as_str() {
        Some(name) => parameters[name].clone(),
        None => value.as_str().unwrap().to_owned(),
    };
    match function.as_str() {
        "Fn::Equals" => word(of[0]) == word(of[1]),
        "Fn::Not" => !holds(of[0], parameters),
        "Fn::And" => of.iter().all(|one| holds(one, parameters)),
        "Fn::Or" => of.iter().any(|one| holds(one, parameters)),
        "Fn::Contains" => of[0].as_array().unwrap().iter().any(|one| word(one) == word(of[1])),
        other => panic!("CloudFormation knows no {other} in a rule"),
    }
}

/// Which rules of a template refuse these parameters, the others being as they are by default.
pub(crate) fn refusals<'a>(path: &str, given: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let template = yaml::read(&read(path));
    let all = template["Parameters"].as_object().unwrap().iter();
    let mut parameters: Parameters =
        all.map(|(name, parameter)| (name.clone(), yaml::text(&parameter["Default"]))).collect();
    parameters.insert("AWS::Region".to_owned(), "us-east-1".to_owned());
    for (name, value) in given {
        assert!(parameters.insert(name.to_owned(), value.to_owned()).is_some(), "there is no {name}");
    }
    let mut refusing = Vec::new();
    for (name, rule) in template["Rules"].as_object().unwrap() {
        let asked = rule["RuleCondition"].is_null() || holds(&rule["RuleCondition"], &parameters);
        for assertion in rule["Assertions"].as_array().unwrap() {
            assert!(assertion["AssertDescription"].is_string(), "{name} says why");
            if asked && !holds(&assertion["Assert"], &parameters) {
                refusing.push(name.clone());
            }
        }
    }
    refusing
}

const CERTIFICATE: (&str, &str) =
    ("CertificateArn", "arn:aws:acm:sa-east-1:123456789012:certificate/6f1c2a3e");
const DOMAIN: (&str, &str) = ("DomainName", "api.exemplo.com.br");
const IMAGE: (&str, &str) = ("SessionImage", "carteiro:1");
const VPC: (&str, &str) = ("VpcId", "vpc-1");
const OURS: (&str, &str) = ("CreateVpc", "true");
const PRIVATE: (&str, &str) = ("PrivateSubnets", "true");

#[test]
fn what_goes_together_is_taken() {
    let sets: [&[(&str, &str)]; 9] = [
        &[],
        &STACK_PARAMETERS,
        &[OURS, IMAGE],
        &[OURS, IMAGE, PRIVATE],
        &[VPC, IMAGE, ("SubnetIds", "subnet-1,subnet-2"), PRIVATE],
        &[DOMAIN, CERTIFICATE],
        &[DOMAIN, CERTIFICATE, ("HostedZoneId", "Z1")],
        &[("SessionCpu", "512"), ("SessionMemory", "1024")],
        &[("SessionCpu", "2048"), ("SessionMemory", "8192")],
    ];
    for given in sets {
        assert_eq!(refusals("template.yaml", given.iter().copied()), [""; 0], "{given:?}");
    }
    for (section, given) in samconfig::sections() {
        let given = given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        assert_eq!(refusals("template.yaml", given), [""; 0], "{section} of samconfig.toml");
    }
}

#[test]
fn what_would_be_left_out_without_a_word_is_refused() {
    for (given, rule) in [
        (&[OURS, VPC][..], "OneVpc"),
        (&[PRIVATE], "PrivateSubnetsAreOfAVpc"),
        (&[IMAGE], "AnImageHasItsNetwork"),
        (&[DOMAIN], "ADomainHasItsCertificate"),
        (&[("HostedZoneId", "Z1")], "WhatBelongsToADomain"),
        (&[CERTIFICATE], "WhatBelongsToADomain"),
        (&[("SessionMemory", "4096")], "MemoryOfAQuarter"),
        (&[("SessionCpu", "512")], "MemoryOfAHalf"),
        (&[("SessionCpu", "1024"), ("SessionMemory", "1024")], "MemoryOfOne"),
        (&[("SessionCpu", "2048"), ("SessionMemory", "2048")], "MemoryOfTwo"),
    ] {
        assert_eq!(refusals("template.yaml", given.iter().copied()), [rule], "{given:?}");
    }
    assert_eq!(refusals("infra/network.yaml", [VPC]), ["AVpcHasItsSubnets"]);
    assert_eq!(refusals("infra/network.yaml", [VPC, ("SubnetIds", "subnet-1")]), [""; 0]);
    let two = refusals("infra/network.yaml", [OURS, ("SubnetIds", "subnet-1")]);
    assert_eq!(two, ["AVpcThatIsMadeHasItsOwnSubnets"]);
}

/// CloudFormation's readers of YAML know short forms of the functions of conditions, and none of those that rules alone have.
#[test]
fn what_only_rules_have_is_written_out() {
    for path in ["template.yaml", "infra/network.yaml", "infra/front.yaml"] {
        for short in ["!Contains", "!EachMember", "!RefAll", "!ValueOf"] {
            assert!(!read(path).contains(short), "{path}: {short}");
        }
    }
}
