//! Whether a tenant's plan permits a media type.

use crate::error::{Code, Problem};
use crate::media::MediaType;
use crate::plan::{Plan, Plans};
use crate::user::User;

/// The tenant's plan, if it permits `media`; a plan that the deployment no longer has permits nothing.
pub(super) fn permitted<'a>(plans: &'a Plans, tenant: &User, media: MediaType) -> Result<&'a Plan, Problem> {
    plans.find(&tenant.plan).filter(|plan| plan.allows(media)).ok_or_else(|| {
        let detail = format!("O plano {} não permite o tipo de mídia {media}.", tenant.plan);
        Problem::new(Code::PlanForbidsMedia).because(detail)
    })
}
