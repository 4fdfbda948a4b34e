"""LocalStack's interpreter of state machines, with mocked integrations (SFN_MOCK_CONFIG), and nearer to AWS in six points; and faster.

- Mocks may throw the names that AWS itself throws: States.TaskFailed, States.Timeout.
- Nothing is called that a test case mocks no answer for.
- What a service is asked has to be what its API takes: the names, the types, all that is required.
- $uuid() gives another id each time.
- Strings in variables may hold quotes and line ends.
- The Java and the libraries that evaluate JSONata are given (JSONATA_JAVA_HOME, JSONATA_LIBRARIES: a folder of JARs): the
  interpreter would download both.

A definition is parsed once, not for each execution of it, which takes a second. Pauses, of Wait states and of retriers, last
a tenth of what the definition says.

Ends when its input does, so also when the process that started it is killed.
"""

import functools
import os
import sys
import threading
import time
import types
import uuid

from botocore.validate import ParamValidator
from localstack.aws.api.stepfunctions import HistoryEventType, TaskFailedEventDetails
from localstack.runtime import main
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import FailureEvent
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import FailureEventException
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name import StatesErrorName
from localstack.services.stepfunctions.asl.component.common.string import string_expression
from localstack.services.stepfunctions.asl.component.common.retry import retrier_decl
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task import local_mock_eval_utils
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import state_task_service
from localstack.services.stepfunctions.asl.component.state.state_wait.wait_function.wait_function import WaitFunction
from localstack.services.stepfunctions.asl.eval import states, variable_store
from localstack.services.stepfunctions.asl.eval.environment import Environment
from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails
from localstack.services.stepfunctions.asl.jsonata import jsonata
from localstack.services.stepfunctions.asl.component.common.path import result_path
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser
from localstack.services.stepfunctions.asl.utils.encoding import to_json_str

PACE = 10

StateTaskService = state_task_service.StateTaskService
normalise = StateTaskService._normalise_parameters
declare_functions = string_expression.get_intrinsic_functions_declarations
throw_custom = local_mock_eval_utils._eval_mocked_response_throw


def normalise_and_check(task, parameters, boto_service_name=None, service_action_name=None):
    normalise(task, parameters, boto_service_name, service_action_name)
    operation = task._get_boto_operation_model(
        task._get_boto_service_name(boto_service_name), task._get_boto_service_action(service_action_name)
    )
    faults = ParamValidator().validate(parameters, operation.input_shape)
    if faults.has_errors():
        raise ValueError(f"wrong arguments: {faults.generate_report()}")


def throw(env, mocked_response):
    error, cause = mocked_response.error, mocked_response.cause
    if error == "States.Timeout":
        raise TimeoutError  # what the interpreter raises when the time is over
    if not error.startswith("States."):
        throw_custom(env, mocked_response)
    raise FailureEventException(
        FailureEvent(
            env=env,
            error_name=StatesErrorName.from_name(error),
            event_type=HistoryEventType.TaskFailed,
            event_details=EventDetails(taskFailedEventDetails=TaskFailedEventDetails(error=error, cause=cause)),
        )
    )


def declarations(bindings):
    return "".join(f"{name}:={to_json_str(value, separators=(',', ':'))};" for name, value in bindings.items())


def declarations_of_functions(variable_references):
    return declare_functions(variable_references).replace("Function $uuid is currently not supported", str(uuid.uuid4()))


def pause(_, env, wait_seconds):
    env.program_state_event.wait(wait_seconds / PACE)


class GivenLibraries:
    def install(self):
        pass

    def get_java_lib_path(self):
        return os.path.join(os.environ["JSONATA_JAVA_HOME"], "lib", "server", "libjvm.so")

    def get_installed_dir(self):
        return os.environ["JSONATA_LIBRARIES"]


class GivenPackage:
    def get_installer(self):
        return GivenLibraries()


def end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)  # nothing is to be kept


local_mock_eval_utils._eval_mocked_response_throw = throw
StateTaskService._normalise_parameters = normalise_and_check
Environment.is_local_mocked_mode = lambda env: env.local_mock_test_case is not None
states.encode_jsonata_variable_declarations = declarations
variable_store.encode_jsonata_variable_declarations = declarations
string_expression.get_intrinsic_functions_declarations = declarations_of_functions
jsonata.jpype_jsonata_package = GivenPackage()
AmazonStateLanguageParser.parse = staticmethod(functools.lru_cache(AmazonStateLanguageParser.parse))
result_path.parse = functools.lru_cache(result_path.parse)
WaitFunction._wait_interval = pause
retrier_decl.time = types.SimpleNamespace(sleep=lambda seconds: time.sleep(seconds / PACE))
threading.Thread(target=end_with_input, daemon=True).start()
main.main()
