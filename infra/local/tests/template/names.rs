//! A stack's name, which begins the names of what it has: AWS's strictest bounds are those of buckets and of image repositories.

use super::{read, yaml};

/// What a bucket's name may have.
const BUCKET: usize = 63;
/// As long as any region's, such as `ap-northeast-1`.
const REGION: &str = "ap-southeast-1";
const ACCOUNT: &str = "123456789012";

#[test]
fn a_stack_s_name_leaves_room_in_the_bucket_s() {
    let data = yaml::read(&read("infra/data.yaml"));
    let bucket = yaml::text(&data["Resources"]["Media"]["Properties"]["BucketName"]);
    let rest = bucket
        .replace("${Prefix}", "")
        .replace("${AWS::AccountId}", ACCOUNT)
        .replace("${AWS::Region}", REGION);
    let most = BUCKET - rest.len();
    let mut seen = 0;
    for entry in std::fs::read_dir(super::root().join("infra")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let template = yaml::read(&std::fs::read_to_string(&path).unwrap());
        for name in ["Prefix", "StackName"] {
            let parameter = &template["Parameters"][name];
            if parameter.is_null() {
                continue;
            }
            seen += 1;
            assert_eq!(parameter["MaxLength"], most.to_string(), "{}: {name}", path.display());
            // Capitals are refused by S3 and ECR, two hyphens one after the other and one at the end by ECR.
            assert_eq!(parameter["AllowedPattern"], "^[a-z](-?[a-z0-9])*$", "{}: {name}", path.display());
        }
    }
    assert_eq!(seen, 9, "each nested template, and that of the roles");
    assert!(read("docs/how-to/deploy.md").contains(&format!("{most} characters at most")));
}
