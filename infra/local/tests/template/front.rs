//! What stands in front of the API, where somebody wants it: it shows what the program looks for, and lets through what the API takes.

use super::rules::refusals;
use super::{read, yaml};
use carteiro_core::error::{Code, Problem};
use serde_json::{Value, json};

fn resource(name: &str) -> Value {
    yaml::read(&read("infra/front.yaml"))["Resources"][name]["Properties"].clone()
}

fn distribution() -> Value {
    resource("Distribution")["DistributionConfig"].clone()
}

/// The rules of the web ACL, by name.
fn rule(name: &str) -> Value {
    let acl = resource("WebAcl");
    let mut rules = acl["Rules"].as_array().unwrap().iter();
    rules.find(|rule| rule["Name"] == name).unwrap().clone()
}

const HOST: (&str, &str) = ("ApiHost", "a1b2c3d4e5.execute-api.sa-east-1.amazonaws.com");
const DOMAIN: (&str, &str) = ("DomainName", "api.exemplo.com.br");
const CERTIFICATE: (&str, &str) =
    ("CertificateArn", "arn:aws:acm:us-east-1:123456789012:certificate/6f1c2a3e");

#[test]
fn it_is_made_in_the_region_of_cloudfront_with_what_goes_together() {
    let refused = |given: &[(&str, &str)]| refusals("infra/front.yaml", given.iter().copied().chain([HOST]));
    assert_eq!(refused(&[]), [""; 0]);
    assert_eq!(refused(&[DOMAIN, CERTIFICATE]), [""; 0]);
    assert_eq!(refused(&[DOMAIN]), ["ADomainHasItsCertificate"]);
    assert_eq!(refused(&[CERTIFICATE]), ["WhatBelongsToADomain"]);
    assert_eq!(refused(&[("AWS::Region", "sa-east-1")]), ["InTheRegionOfCloudFront"]);
}

#[test]
fn it_shows_the_headers_that_the_program_looks_for() {
    let program = read("shared/http/src/front.rs");
    let looked_for = |header: &str| program.contains(&format!("from_static(\"{header}\")"));
    let shown = &distribution()["Origins"][0]["OriginCustomHeaders"];
    assert_eq!(shown.as_array().unwrap().len(), 1);
    assert!(looked_for(shown[0]["HeaderName"].as_str().unwrap()));
    let value = shown[0]["HeaderValue"].to_string();
    assert_eq!(value.matches("{{resolve:secretsmanager:${Key}:SecretString").count(), 2, "{value}");

    let caller = resource("Caller");
    let code = yaml::text(&caller["FunctionCode"]);
    let header = code.split("headers[\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(looked_for(header) && code.contains("event.viewer.ip"), "{code}");
    let runs =
        json!([{ "EventType": "viewer-request", "FunctionARN": { "Fn::GetAtt": "Caller.FunctionARN" } }]);
    assert_eq!(distribution()["DefaultCacheBehavior"]["FunctionAssociations"], runs);
}

/// V1's GETs do things, so none may be answered for another, or sent twice.
#[test]
fn each_request_goes_on_once_as_it_came_over_tls() {
    let behavior = &distribution()["DefaultCacheBehavior"];
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
    assert_eq!(behavior["CachePolicyId"], "4135ea2d-6df8-44a3-9df3-4b5a84be39ad");
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
    assert_eq!(behavior["OriginRequestPolicyId"], "b689b0a8-53d0-40ab-baf2-68738e2966ac");
    assert_eq!(behavior["ViewerProtocolPolicy"], "https-only");
    let methods = json!(["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]);
    assert_eq!(behavior["AllowedMethods"], methods);
    let origin = &distribution()["Origins"][0];
    assert_eq!(origin["ConnectionAttempts"], "1");
    assert_eq!(origin["CustomOriginConfig"]["OriginProtocolPolicy"], "https-only");
    assert_eq!(origin["CustomOriginConfig"]["OriginSSLProtocols"], json!(["TLSv1.2"]));
    assert_eq!(distribution()["WebACLId"], json!({ "Fn::GetAtt": "WebAcl.Arn" }));
}

/// What people write stands in bodies and queries. A rule that would block by what it finds there blocks messages.
#[test]
fn no_message_is_blocked_for_what_is_written_in_it() {
    let free = ["_BODY", "_QUERYSTRING", "_QUERYARGUMENTS"];
    for (rule_name, wanted) in [("known-bad", 5), ("common", 11)] {
        let group = rule(rule_name)["Statement"]["ManagedRuleGroupStatement"].clone();
        let overrides = group["RuleActionOverrides"].as_array().unwrap();
        for of in overrides {
            assert_eq!(of["ActionToUse"]["Count"], json!({}), "{of}");
        }
        let names = overrides.iter().map(|of| of["Name"].as_str().unwrap());
        let of_text = names.filter(|name| free.iter().any(|end| name.ends_with(end))).count();
        assert_eq!(of_text, wanted, "{rule_name}: the rules of bodies and queries that AWS lists");
    }
    let kinds = resource("WebAcl")["Rules"].to_string();
    assert!(!kinds.contains("SQLi") && !kinds.contains("SqliMatchStatement"), "there is no SQL here");
}

#[test]
fn who_comes_too_often_is_told_as_the_api_tells_it() {
    let block = rule("address")["Action"]["Block"]["CustomResponse"].clone();
    assert_eq!(block["ResponseCode"], "429");
    assert_eq!(block["ResponseHeaders"][0]["Name"], "Retry-After");
    let body = &resource("WebAcl")["CustomResponseBodies"][yaml::text(&block["CustomResponseBodyKey"])];
    let told: Value = serde_json::from_str(body["Content"].as_str().unwrap()).unwrap();
    let code = Code::RateLimited;
    let wanted = json!({
        "success": false,
        "message": code.message(),
        "description": Problem::new(code).description(),
        "code": code.as_str(),
    });
    assert_eq!(told, wanted);
}

/// Tokens stand in headers and, in V1, in queries.
#[test]
fn nothing_keeps_what_requests_say() {
    let template = read("infra/front.yaml");
    assert_eq!(template.matches("SampledRequestsEnabled: false").count(), 5);
    for kept in ["SampledRequestsEnabled: true", "AWS::WAFv2::LoggingConfiguration", "Logging:", "AWS::Logs"]
    {
        assert!(!template.contains(kept), "{kept}");
    }
}
