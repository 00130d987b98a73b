//! Fetches from addresses that tenants name, behind a guard against server-side request forgery (SSRF).
