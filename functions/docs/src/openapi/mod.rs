//! The OpenAPI 3.1 document. What a route is, who may ask and what can go wrong come from the route table and the catalogue
//! of codes; the rest stands here, an [`Operation`] for each route.

mod auth;
mod bulk;
mod docs;
mod errors;
mod numbers;
mod operation;
mod operator;
mod privacy;
mod reports;
mod schemas;
mod sends;
mod sessions;
mod tokens;
mod users;
mod v1_schemas;
mod webhooks;

use axum::http::Method;
use carteiro_http::routes::ROUTES;
use operation::Operation;
use serde_json::{Map, Value, json};

/// Every operation.
fn operations() -> Vec<Operation> {
    let groups = [
        auth::operations(),
        users::operations(),
        privacy::operations(),
        tokens::operations(),
        numbers::operations(),
        sends::operations(),
        bulk::operations(),
        reports::operations(),
        webhooks::operations(),
        operator::operations(),
        sessions::operations(),
        docs::operations(),
    ];
    groups.into_iter().flatten().collect()
}

/// The document.
pub(crate) fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let operations = operations();
    for route in ROUTES {
        let told = operations.iter().find(|told| told.path == route.path && told.method == route.method);
        if let Some(told) = told {
            let path = paths.entry(route.path).or_insert_with(|| json!({}));
            path[method(&route.method)] = told.to_json(route);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Carteiro",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Mensagens de WhatsApp por uma API HTTP. Toda rota responde com e sem o prefixo `/api`; as da V1, também com `/v1` e `/api/v1`. \
                Toda resposta traz `success` e `message`; os erros trazem também `description`, `code` e `request_id`. \
                As da V1 têm as formas antigas, e o código do erro vai em `X-Error-Code`.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "Este servidor" }, { "url": "/api", "description": "Com o prefixo" }],
        "tags": operation::tags(),
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "headers": schemas::headers(),
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": "JWT do login por OTP ou senha, ou um token da API." },
                "query": { "type": "apiKey", "in": "query", "name": "token", "description": "Token da API, ou o JWT, na URL: só nas rotas da V1." },
                "token": { "type": "apiKey", "in": "header", "name": "token", "description": "Token da API, ou o JWT." },
                "operator": { "type": "apiKey", "in": "header", "name": "api-token", "description": "Token de administração do operador." },
            },
        },
    })
}

/// Every schema.
fn schemas() -> Value {
    let mut all = schemas::all();
    if let Some(all) = all.as_object_mut() {
        all.extend(v1_schemas::all());
    }
    all
}

fn method(method: &Method) -> String {
    method.as_str().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_told_of_and_nothing_else() {
        let operations = operations();
        for route in ROUTES {
            let told = operations
                .iter()
                .filter(|told| told.path == route.path && told.method == route.method)
                .count();
            assert_eq!(told, 1, "{} {}", route.method, route.path);
        }
        for told in &operations {
            let routed = ROUTES.iter().any(|route| route.path == told.path && route.method == told.method);
            assert!(routed, "{} {} is no route", told.method, told.path);
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut references = Vec::new();
        collect(&document, &mut references);
        assert!(!references.is_empty());
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|value| collect(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| collect(value, found)),
            _ => {}
        }
    }

    #[test]
    fn the_parameters_of_a_path_are_declared() {
        let document = document();
        for (path, operations) in document["paths"].as_object().unwrap() {
            let wanted: Vec<&str> =
                path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            for operation in operations.as_object().unwrap().values() {
                let parameters = operation["parameters"].as_array().unwrap();
                let declared: Vec<&str> = parameters
                    .iter()
                    .filter(|p| p["in"] == "path")
                    .filter_map(|p| p["name"].as_str())
                    .collect();
                assert_eq!(declared, wanted, "{path}");
            }
        }
    }
}
