//! One operation of the document.

use super::errors;
use axum::http::Method;
use carteiro_core::error::Code;
use carteiro_core::scope::Scope;
use carteiro_http::routes::{Access, Route, Style};
use serde_json::{Map, Value, json};

/// What the document says of one route, beside what the route table knows.
pub(crate) struct Operation {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    summary: &'static str,
    description: &'static str,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: Vec<(u16, Value)>,
    codes: Vec<Code>,
}

impl Operation {
    pub(crate) fn new(method: Method, path: &'static str, summary: &'static str) -> Self {
        Self {
            method,
            path,
            summary,
            description: "",
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            codes: Vec::new(),
        }
    }

    pub(crate) fn says(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    /// A parameter of the query.
    pub(crate) fn query(self, name: &str, required: bool, schema: Value, description: &str) -> Self {
        self.parameter("query", name, required, schema, description)
    }

    /// How many there are on a page.
    pub(crate) fn page_limit(
        self,
        default: impl Into<Value>,
        most: impl Into<Value>,
        description: &str,
    ) -> Self {
        let (default, most): (Value, Value) = (default.into(), most.into());
        let schema = json!({ "type": "integer", "minimum": 1, "maximum": most, "default": default });
        self.query("limit", false, schema, description)
    }

    /// A parameter of the path.
    pub(crate) fn in_path(self, name: &str, schema: Value, description: &str) -> Self {
        self.parameter("path", name, true, schema, description)
    }

    /// A header.
    pub(crate) fn header(self, name: &str, schema: Value, description: &str) -> Self {
        self.parameter("header", name, false, schema, description)
    }

    /// A header that must be there.
    pub(crate) fn required_header(self, name: &str, schema: Value, description: &str) -> Self {
        self.parameter("header", name, true, schema, description)
    }

    fn parameter(mut self, at: &str, name: &str, required: bool, schema: Value, description: &str) -> Self {
        self.parameters.push(
            json!({ "in": at, "name": name, "required": required, "schema": schema, "description": description }),
        );
        self
    }

    /// A JSON body of this schema.
    pub(crate) fn body(self, schema: Value) -> Self {
        self.body_as("application/json", schema)
    }

    /// A body of another type.
    pub(crate) fn body_as(mut self, content_type: &str, schema: Value) -> Self {
        self.body = Some(json!({ "required": true, "content": { content_type: { "schema": schema } } }));
        self
    }

    /// A success, in the usual envelope with this `description`.
    pub(crate) fn answers(self, status: u16, what: &str, description: Value) -> Self {
        self.answers_with(status, what, json!({ "description": description }))
    }

    /// A success, with these properties beside `success` and `message`, each required.
    pub(crate) fn answers_with(self, status: u16, what: &str, properties: Value) -> Self {
        let mut all = Map::from_iter([
            ("success".to_owned(), json!({ "const": true })),
            ("message".to_owned(), json!({ "type": "string" })),
        ]);
        all.extend(properties.as_object().cloned().unwrap_or_default());
        let required: Vec<String> = all.keys().cloned().collect();
        self.answers_as(
            status,
            what,
            "application/json",
            json!({ "type": "object", "properties": all, "required": required }),
        )
    }

    /// A success of another type.
    pub(crate) fn answers_as(mut self, status: u16, what: &str, content_type: &str, schema: Value) -> Self {
        match self.answers.iter_mut().find(|(other, _)| *other == status) {
            Some((_, answer)) => answer["content"][content_type] = json!({ "schema": schema }),
            None => self.answers.push((
                status,
                json!({
                    "description": what,
                    "headers": errors::headers(),
                    "content": { content_type: { "schema": schema } },
                }),
            )),
        }
        self
    }

    /// A success of V1, which has no envelope.
    pub(crate) fn answers_v1(self, what: &str, schema: Value) -> Self {
        self.answers_as(200, what, "application/json", schema)
    }

    /// What can go wrong, beside what can everywhere.
    pub(crate) fn fails(mut self, codes: impl IntoIterator<Item = Code>) -> Self {
        self.codes.extend(codes);
        self
    }

    /// As OpenAPI writes it.
    pub(crate) fn to_json(&self, route: &Route) -> Value {
        let mut responses: Map<String, Value> =
            self.answers.iter().map(|(status, answer)| (status.to_string(), answer.clone())).collect();
        responses.extend(match route.style {
            Style::V1 => errors::responses_of_v1(self.all_codes(route)),
            Style::V2 => errors::responses(self.all_codes(route)),
        });
        let mut operation = json!({
            "operationId": self.id(),
            "tags": [tag(self.path)],
            "summary": self.summary,
            "parameters": self.parameters,
            "responses": responses,
            "security": security(route),
        });
        let description = format!("{}{}", self.description, needs(route.access));
        if !description.trim().is_empty() {
            operation["description"] = json!(description.trim());
        }
        if let Some(body) = &self.body {
            operation["requestBody"] = body.clone();
        }
        operation
    }

    fn all_codes(&self, route: &Route) -> Vec<Code> {
        let mut codes = self.codes.clone();
        codes.extend([Code::RateLimited, Code::FrontOnly, Code::Internal, Code::Unavailable]);
        match route.access {
            Access::Public => {}
            Access::Operator => codes.push(Code::OperatorOnly),
            Access::Tenant(_) => codes.extend([Code::Unauthenticated, Code::ScopeForbids]),
        }
        if self.body.is_some() {
            let any =
                [Code::MalformedBody, Code::MissingParameter, Code::InvalidParameter, Code::PayloadTooLarge];
            codes.extend(any);
        }
        if self.parameters.iter().any(|parameter| parameter["in"] == "query") {
            codes.extend([Code::MalformedQuery, Code::MissingParameter, Code::InvalidParameter]);
        }
        codes.sort();
        codes.dedup();
        codes
    }

    /// Such as `post_v2_sends`.
    fn id(&self) -> String {
        let path: Vec<&str> = self.path.split(['/', '{', '}']).filter(|part| !part.is_empty()).collect();
        format!("{}_{}", self.method.as_str().to_lowercase(), path.join("_").replace('.', "_"))
    }
}

fn security(route: &Route) -> Value {
    match (route.access, route.style) {
        (Access::Public, _) => json!([]),
        (Access::Operator, _) => json!([{ "operator": [] }]),
        (Access::Tenant(_), Style::V2) => json!([{ "bearer": [] }, { "token": [] }]),
        (Access::Tenant(_), Style::V1) => json!([{ "bearer": [] }, { "token": [] }, { "query": [] }]),
    }
}

fn needs(access: Access) -> String {
    let scope = |scope: Scope| format!("\n\nEscopo do token: `{}`.", scope.as_str());
    match access {
        Access::Public => String::new(),
        Access::Operator => "\n\nSomente o operador, com o token de administração em `api-token`.".to_owned(),
        Access::Tenant(needed) => scope(needed),
    }
}

/// The headings that operations stand under, in the order that a reader comes to need them, and the paths of each.
const TAGS: [(&str, &[&str]); 11] = [
    ("Autenticação", &["/v2/auth"]),
    ("Usuários", &["/v2/users"]),
    ("Tokens", &["/v2/tokens"]),
    ("Números", &["/v2/numbers"]),
    ("Envios", &["/v2/sends", "/v2/upload", "/v1/send"]),
    ("Relatórios", &["/v2/reports"]),
    ("Webhooks", &["/v2/webhooks"]),
    ("Dados pessoais", &["/v2/privacy"]),
    ("Operação", &["/v2/operator"]),
    ("Documentação", &["/openapi.json", "/docs"]),
    ("Api Premium (V1)", &["/"]),
];

/// The headings, as OpenAPI writes them.
pub(crate) fn tags() -> Value {
    TAGS.iter().map(|(name, _)| json!({ "name": name })).collect()
}

/// The heading that a path stands under.
fn tag(path: &str) -> &'static str {
    let under = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
    TAGS.iter().find(|(_, prefixes)| under(prefixes)).map_or("", |(name, _)| *name)
}
