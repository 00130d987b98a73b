//! The VPC that is made: its subnets, and where they lead.

use super::{read, yaml};
use serde_json::{Value, json};

fn resources() -> Value {
    yaml::read(&read("infra/network.yaml"))["Resources"].clone()
}

/// Which block of which parameter a subnet has, of how many of 128 addresses.
fn block(subnet: &Value) -> Value {
    subnet["Properties"]["CidrBlock"].clone()
}

/// Another block would be another subnet, and the tasks in it would have to leave. More blocks of one size begin as fewer do.
#[test]
fn a_subnet_that_is_there_keeps_its_block() {
    let resources = resources();
    for (name, index, cidr, count) in [
        ("SubnetA", "0", "Cidr", "2"),
        ("SubnetB", "1", "Cidr", "2"),
        ("PrivateSubnetA", "2", "PrivateCidr", "4"),
        ("PrivateSubnetB", "3", "PrivateCidr", "4"),
    ] {
        let wanted = json!({ "Fn::Select": [index, { "Fn::Cidr": [{ "Ref": cidr }, count, "7"] }] });
        assert_eq!(block(&resources[name]), wanted, "{name}");
    }
}

/// A /24 has two blocks of 128 addresses, and the public subnets have both.
#[test]
fn private_subnets_are_asked_for_where_there_is_room() {
    let parameters = &yaml::read(&read("infra/network.yaml"))["Parameters"];
    let outer = yaml::read(&read("template.yaml"));
    let pattern = |parameter: &Value| parameter["AllowedPattern"].as_str().unwrap().to_owned();
    let all = pattern(&parameters["Cidr"]);
    assert_eq!(pattern(&outer["Parameters"]["VpcCidr"]), all);
    let some = all.trim_start_matches('^').trim_end_matches('$').replace("2[0-4]", "2[0-3]");
    assert_eq!(pattern(&parameters["PrivateCidr"]), format!("^({some})?$"));
    let given = &outer["Resources"]["Network"]["Properties"]["Parameters"];
    assert_eq!(given["PrivateCidr"], json!({ "Fn::If": ["PrivateVpc", { "Ref": "VpcCidr" }, ""] }));
}

#[test]
fn a_private_subnet_leads_out_by_the_nat_gateway_alone() {
    let resources = resources();
    let properties = |name: &str| resources[name]["Properties"].clone();
    let all = || resources.as_object().unwrap().iter();
    for subnet in ["PrivateSubnetA", "PrivateSubnetB"] {
        let of_it = |found: &Value| found["Properties"]["SubnetId"] == json!({ "Ref": subnet });
        let tables: Vec<Value> = all()
            .filter(|(_, found)| found["Type"] == "AWS::EC2::SubnetRouteTableAssociation" && of_it(found))
            .map(|(_, found)| found["Properties"]["RouteTableId"].clone())
            .collect();
        assert_eq!(tables, [json!({ "Ref": "PrivateRoutes" })], "{subnet}");
        assert_eq!(properties(subnet)["MapPublicIpOnLaunch"], "false", "{subnet}");
    }
    let routes: Vec<Value> = all()
        .map(|(_, found)| found["Properties"].clone())
        .filter(|found| {
            found["RouteTableId"] == json!({ "Ref": "PrivateRoutes" }) && found["SubnetId"].is_null()
        })
        .collect();
    let out = json!({
        "RouteTableId": { "Ref": "PrivateRoutes" },
        "DestinationCidrBlock": "0.0.0.0/0",
        "NatGatewayId": { "Ref": "NatGateway" },
    });
    assert_eq!(routes, [out]);
    // The gateway itself is in a public subnet.
    assert_eq!(properties("NatGateway")["SubnetId"], json!({ "Ref": "SubnetA" }));
    assert_eq!(properties("RoutesOfA")["RouteTableId"], json!({ "Ref": "Routes" }));
    assert_eq!(properties("DefaultRoute")["GatewayId"], json!({ "Ref": "InternetGateway" }));
    for endpoint in ["ObjectsEndpoint", "TablesEndpoint"] {
        let tables = yaml::text(&properties(endpoint)["RouteTableIds"]);
        assert!(tables.contains("PrivateRoutes"), "{endpoint}: {tables}");
    }
}
