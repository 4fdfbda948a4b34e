"""
Starts ministack with the behaviour of AWS Step Functions where ministack's own differs and a workflow would notice:

- ecs:runTask.sync runs the task (at ECS_TASKS_URL, which tells how it ended), gives its result and its failures as AWS
  does, and stops it when the execution is stopped or the state times out;
- TimeoutSeconds may be a JSONata expression;
- the variables of one Assign are all evaluated before any of them is set;
- a Succeed state has an Output;
- an execution that was stopped stays ABORTED.

Before each task state it asks at ECS_TASKS_URL, which may make the execution wait there.
"""

import contextvars
import json
import os
import time
import urllib.request

from ministack import app
from ministack.services import stepfunctions

TASKS = os.environ["ECS_TASKS_URL"]
RUN_TASK = "arn:aws:states:::ecs:runTask"
POLL_SECONDS = 0.05

EXECUTION = contextvars.ContextVar("the execution that this thread works for")
DEADLINE = contextvars.ContextVar("when the state times out, on the monotonic clock", default=None)

execute_task = stepfunctions._execute_task
apply_output_path = stepfunctions._apply_output_path
fail_execution = stepfunctions._fail_execution


def execute_task_in_time(state, raw_input, execution, ctx):
    EXECUTION.set(execution)
    DEADLINE.set(None)
    call("POST", "/gates", {"State": ctx["State"]["Name"]})
    if "TimeoutSeconds" in state:
        seconds = stepfunctions._jsonata_state_field(state, "TimeoutSeconds", "number", raw_input, ctx)
        state = {**state, "TimeoutSeconds": seconds}
        if state["Resource"].startswith(RUN_TASK):
            DEADLINE.set(time.monotonic() + seconds)
            del state["TimeoutSeconds"]
    return execute_task(state, raw_input, execution, ctx)


def run_task(resource, arguments):
    if resource != RUN_TASK + ".sync":
        raise stepfunctions._ExecutionError("States.Runtime", resource + " is not emulated")
    task = "/tasks/" + call("POST", "/tasks", arguments)["Id"]
    while True:
        ended = call("GET", task)
        if "Result" in ended:
            return ended["Result"]
        if "Error" in ended:
            raise stepfunctions._ExecutionError(ended["Error"], ended["Cause"])
        if EXECUTION.get()["status"] != "RUNNING":
            call("DELETE", task)
            raise stepfunctions._ExecutionError("States.TaskFailed", "the execution was stopped")
        if DEADLINE.get() is not None and time.monotonic() > DEADLINE.get():
            call("DELETE", task)
            raise stepfunctions._ExecutionError("States.Timeout", "")
        time.sleep(POLL_SECONDS)


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(TASKS + path, data, method=method), timeout=90) as answer:
        return json.load(answer)


def assign_at_once(state, raw_input, ctx, result=None, error_output=None):
    if ctx is None or stepfunctions._state_query_language(state, ctx) != "JSONata":
        return
    ctx.setdefault("variables", {}).update({
        name: stepfunctions._apply_jsonata_template(template, raw_input, ctx, result=result, error_output=error_output)
        for name, template in state.get("Assign", {}).items()
    })


def output(state, data, ctx=None):
    if state["Type"] == "Succeed" and stepfunctions._state_query_language(state, ctx) == "JSONata":
        return stepfunctions._apply_jsonata_output(state, data, ctx, default=data)
    return apply_output_path(state, data, ctx)


def fail_what_runs(execution, error, cause):
    if execution["status"] == "RUNNING":
        fail_execution(execution, error, cause)


if __name__ == "__main__":
    stepfunctions._execute_task = execute_task_in_time
    stepfunctions._apply_state_assign = assign_at_once
    stepfunctions._apply_output_path = output
    stepfunctions._fail_execution = fail_what_runs
    stepfunctions._SERVICE_DISPATCH[RUN_TASK] = run_task
    app.main()
