//! The routes of the HTTP API, which the emulation does not make by itself.
//!
//! SAM turns the `HttpApi` events of template.yaml into an OpenAPI body of the API, and API Gateway turns that body into
//! routes and integrations. The emulation keeps the body and stops there. So this reads the body from the deployed
//! stack's processed template and does API Gateway's part with API Gateway's own calls. Against an emulation (or an
//! AWS) that makes the routes, it finds them there and leaves them.

use super::Clients;
use crate::error::{Error, While};
use aws_sdk_apigatewayv2::types::{Cors, IntegrationType};
use serde_json::Value;
use std::collections::BTreeMap;

/// A route key, such as `POST /v2/sends` or `$default`, and the logical name of the function it leads to.
#[derive(Debug, PartialEq, Eq)]
struct Route {
    key: String,
    function: String,
}

/// Makes the routes that the API lacks, sets those that lead elsewhere, and its CORS rules for these origins.
pub(super) async fn create(clients: &Clients, stack: &str, api: &str, origins: &str) -> Result<(), Error> {
    let template = clients.cloudformation.get_template().stack_name(stack);
    let template = template.template_stage(aws_sdk_cloudformation::types::TemplateStage::Processed);
    let template = template.send().await.map_err(aws_sdk_cloudformation::Error::from);
    let template = template.or_cannot("read the processed template")?;
    let template: Value = serde_json::from_str(template.template_body().unwrap_or_default())
        .or_cannot("read the processed template")?;
    let body = &template["Resources"]["Api"]["Properties"]["Body"];
    let wanted = routes(body)?;

    let present = clients.gateway.get_routes().api_id(api).max_results("500").send().await;
    let present = present.map_err(aws_sdk_apigatewayv2::Error::from).or_cannot("list the API's routes")?;
    let present: BTreeMap<&str, &str> = present
        .items()
        .iter()
        .filter_map(|route| Some((route.route_key()?, route.route_id().unwrap_or_default())))
        .collect();

    let mut integrations = BTreeMap::new();
    for route in &wanted {
        if present.contains_key(route.key.as_str()) {
            continue;
        }
        let integration = match integrations.get(&route.function) {
            Some(integration) => integration,
            None => {
                let made = integrate(clients, stack, api, &route.function).await?;
                integrations.entry(route.function.clone()).or_insert(made)
            }
        };
        let made = clients.gateway.create_route().api_id(api).route_key(&route.key).target(integration);
        let made = made.send().await.map_err(aws_sdk_apigatewayv2::Error::from);
        made.or_cannot(format!("make the route {}", route.key))?;
    }
    for (key, id) in present {
        if !wanted.iter().any(|route| route.key == key) {
            let gone = clients.gateway.delete_route().api_id(api).route_id(id).send().await;
            gone.map_err(aws_sdk_apigatewayv2::Error::from).or_cannot(format!("remove the route {key}"))?;
        }
    }
    if let Some(cors) = cors(body, origins) {
        let set = clients.gateway.update_api().api_id(api).cors_configuration(cors).send().await;
        set.map_err(aws_sdk_apigatewayv2::Error::from).or_cannot("set the API's CORS rules")?;
    }
    Ok(())
}

/// A Lambda integration with payload format 2.0; answers the target that routes name it by.
async fn integrate(clients: &Clients, stack: &str, api: &str, function: &str) -> Result<String, Error> {
    let resource = clients.cloudformation.describe_stack_resource();
    let resource = resource.stack_name(stack).logical_resource_id(function).send().await;
    let resource = resource.map_err(aws_sdk_cloudformation::Error::from);
    let resource = resource.or_cannot(format!("find the function {function}"))?;
    let detail = resource.stack_resource_detail();
    let (Some(name), Some(stack_id)) = (
        detail.and_then(|detail| detail.physical_resource_id()),
        detail.and_then(|detail| detail.stack_id()),
    ) else {
        return Err(Error::new(format!("the stack does not tell the name of {function}")));
    };
    let uri = function_arn(stack_id, name)
        .ok_or_else(|| Error::new(format!("the stack's id is no ARN: {stack_id}")))?;
    let made = clients
        .gateway
        .create_integration()
        .api_id(api)
        .integration_type(IntegrationType::AwsProxy)
        .integration_uri(uri)
        .integration_method("POST")
        .payload_format_version("2.0")
        .send()
        .await
        .map_err(aws_sdk_apigatewayv2::Error::from)
        .or_cannot(format!("integrate {function}"))?;
    Ok(format!("integrations/{}", made.integration_id().unwrap_or_default()))
}

/// The ARN of a function in the account and region of a stack.
fn function_arn(stack_id: &str, name: &str) -> Option<String> {
    let mut fields = stack_id.split(':');
    let (partition, region, account) = (fields.nth(1)?, fields.nth(1)?, fields.next()?);
    Some(format!("arn:{partition}:lambda:{region}:{account}:function:{name}"))
}

/// The routes of an OpenAPI body as SAM writes it.
fn routes(body: &Value) -> Result<Vec<Route>, Error> {
    let paths =
        body["paths"].as_object().ok_or_else(|| Error::new("the API of template.yaml has no routes"))?;
    let mut routes = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let key = match (path.as_str(), method.as_str()) {
                ("$default", _) => "$default".to_owned(),
                (path, "x-amazon-apigateway-any-method") => format!("ANY {path}"),
                (path, method) => format!("{} {path}", method.to_uppercase()),
            };
            let function = integrated_function(&operation["x-amazon-apigateway-integration"]["uri"])
                .ok_or_else(|| {
                    Error::new(format!("the route {key} of template.yaml leads to no function"))
                })?;
            routes.push(Route { key, function });
        }
    }
    Ok(routes)
}

/// The logical name in `{"Fn::Sub": "…/functions/${SendsFunction.Arn}/invocations"}`.
fn integrated_function(uri: &Value) -> Option<String> {
    let (_, function) = uri["Fn::Sub"].as_str()?.split_once("/functions/${")?;
    Some(function.split_once(".Arn}")?.0.to_owned())
}

/// The CORS rules: the block itself, or the one that stands in an `Fn::If`. The emulation expands SAM with the defaults of parameters,
/// so the body has not the origins that the stack was given: these are, separated by commas.
fn cors(body: &Value, origins: &str) -> Option<Cors> {
    let block = &body["x-amazon-apigateway-cors"];
    let block = match block["Fn::If"].as_array() {
        Some(branches) => branches.iter().find(|branch| branch["allowOrigins"] != Value::Null)?,
        None => block,
    };
    let origins: Vec<String> =
        origins.split(',').filter(|origin| !origin.is_empty()).map(str::to_owned).collect();
    if block["allowOrigins"].is_null() || origins.is_empty() {
        return None;
    }
    let age = block["maxAge"].as_i64().and_then(|age| i32::try_from(age).ok());
    Some(
        Cors::builder()
            .set_allow_origins(Some(origins))
            .set_allow_methods(list(&block["allowMethods"]))
            .set_allow_headers(list(&block["allowHeaders"]))
            .set_expose_headers(list(&block["exposeHeaders"]))
            .set_max_age(age)
            .build(),
    )
}

/// A list of strings.
fn list(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn leads_to(function: &str) -> Value {
        let uri = format!(
            "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{function}.Arn}}/invocations"
        );
        json!({"x-amazon-apigateway-integration": {"uri": {"Fn::Sub": uri}, "payloadFormatVersion": "2.0"}})
    }

    #[test]
    fn routes_are_read_from_the_body() {
        let body = json!({"paths": {
            "/v2/sends/{send_id}": {"get": leads_to("SendsFunction"), "delete": leads_to("SendsFunction")},
            "$default": {"x-amazon-apigateway-any-method": leads_to("AuthFunction")},
        }});
        let mut found = routes(&body).unwrap();
        found.sort_by(|a, b| a.key.cmp(&b.key));
        let route = |key: &str, function: &str| Route { key: key.into(), function: function.into() };
        assert_eq!(
            found,
            [
                route("$default", "AuthFunction"),
                route("DELETE /v2/sends/{send_id}", "SendsFunction"),
                route("GET /v2/sends/{send_id}", "SendsFunction"),
            ]
        );
    }

    #[test]
    fn a_route_that_leads_nowhere_is_refused() {
        assert!(routes(&json!({"paths": {"/x": {"get": {}}}})).is_err());
        assert!(routes(&json!({})).is_err());
    }

    #[test]
    fn cors_rules_are_read_through_functions() {
        let rules = json!({"allowOrigins": {"Fn::Split": [",", ""]}, "allowMethods": ["GET"], "maxAge": 600});
        let body = json!({"x-amazon-apigateway-cors": {"Fn::If": ["Cors", rules, {"Ref": "AWS::NoValue"}]}});
        let found = cors(&body, "http://a,http://b").unwrap();
        assert_eq!(found.allow_origins(), ["http://a", "http://b"]);
        assert_eq!(found.allow_methods(), ["GET"]);
        assert_eq!(found.max_age(), Some(600));
        assert_eq!(cors(&body, ""), None);
        assert_eq!(cors(&json!({}), "http://a"), None);
    }

    #[test]
    fn a_functions_arn_is_in_the_stacks_account() {
        let stack = "arn:aws:cloudformation:us-east-1:000000000000:stack/carteiro/1";
        assert_eq!(
            function_arn(stack, "carteiro-auth").unwrap(),
            "arn:aws:lambda:us-east-1:000000000000:function:carteiro-auth"
        );
    }
}
