#!/usr/bin/env python3
"""Refuses changes that would replace or remove what a stage cannot make again.

    npx cdk diff -c stage=prod >diff.txt 2>&1
    python3 infra/replacements.py diff.txt [--allow LakeGold5F4D8429 ...]

Reads what `cdk diff` wrote. Exit status 0: nothing of that kind changes but what --allow names, by logical id. 1: a line for
each resource that would be replaced, may be, or would leave its stack (the data may outlive that, but the stage loses it).
2: the file is not the whole output of `cdk diff`.
"""

import argparse
import re
import sys
from pathlib import Path

STATEFUL = {
    "AWS::DynamoDB::GlobalTable": "models and their versions are in it",
    "AWS::DynamoDB::Table": "models and their versions are in it",
    "AWS::EC2::VPC": "routes and peerings of others lead there",
    "AWS::KMS::Key": "what it encrypted is lost without it",
    "AWS::Logs::LogGroup": "what happened is in it",
    "AWS::S3::Bucket": "models, predictions or the logs of both are in it",
    "AWS::ServiceDiscovery::PrivateDnsNamespace": "callers find the service there",
    "AWS::ServiceDiscovery::Service": "callers find the service there",
    "AWS::SQS::Queue": "manifests for which no release was started are in it",
    "AWS::StepFunctions::StateMachine": "workflows of others start it, and its executions would be stopped",
    "AWS::SNS::Topic": "those who are told of alarms subscribed to it",
}
IMPACTS = {
    "replace": "would be replaced",
    "may be replaced": "may be replaced",
    "destroy": "would be deleted",
    "orphan": "would leave the stack",
}
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
STACK = re.compile(r"Stack (\S+)")
# [~] AWS::S3::Bucket Lake/Gold LakeGold5F4D8429 replace
CHANGE = re.compile(r"\[[-~+]\] (AWS::\S+) (?:.* )?(\S+?) (%s)(?: \(OR .*)?" % "|".join(IMPACTS))
END = re.compile(r"Number of stacks with differences: \d+")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("diff", type=Path)
    arguments.add_argument("--allow", nargs="*", default=[])
    options = arguments.parse_args()
    lines = COLOUR.sub("", options.diff.read_text(encoding="utf-8")).splitlines()
    if not any(END.search(line) for line in lines):
        print(f"{options.diff}: not the output of cdk diff to its end (expected: 'Number of stacks with differences: ...')")
        return 2
    stack, refused = "?", 0
    for line in lines:
        if found := STACK.match(line):
            stack = found[1]
        elif (found := CHANGE.fullmatch(line.rstrip())) and found[1] in STATEFUL and found[2] not in options.allow:
            refused += 1
            print(f"{stack}: {found[1]} {found[2]} {IMPACTS[found[3]]}: {STATEFUL[found[1]]}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
