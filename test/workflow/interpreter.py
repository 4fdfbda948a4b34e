"""LocalStack's interpreter of state machines, with mocked integrations (SFN_MOCK_CONFIG), and nearer to AWS in four points.

- Mocks may throw the names that AWS itself throws: States.TaskFailed, States.Timeout.
- A state that a test case mocks no answer for is not called, and neither is one asked more often than there are answers.
- Strings in variables may hold quotes and line ends.
- The Java and the libraries that evaluate JSONata are given (JSONATA_JAVA_HOME, JSONATA_LIBRARIES: a folder of JARs): the
  interpreter would download both.

Ends when its input does, so also when the process that started it is killed.
"""

import os
import signal
import sys
import threading

from localstack.aws.api.stepfunctions import HistoryEventType, TaskFailedEventDetails
from localstack.runtime import main
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import FailureEvent
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import FailureEventException
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name import StatesErrorName
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task import local_mock_eval_utils
from localstack.services.stepfunctions.asl.eval import states, variable_store
from localstack.services.stepfunctions.asl.eval.environment import Environment
from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails
from localstack.services.stepfunctions.asl.jsonata import jsonata
from localstack.services.stepfunctions.asl.utils.encoding import to_json_str

throw_custom = local_mock_eval_utils._eval_mocked_response_throw


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
    os.kill(os.getpid(), signal.SIGTERM)


local_mock_eval_utils._eval_mocked_response_throw = throw
Environment.is_local_mocked_mode = lambda env: env.local_mock_test_case is not None
states.encode_jsonata_variable_declarations = declarations
variable_store.encode_jsonata_variable_declarations = declarations
jsonata.jpype_jsonata_package = GivenPackage()
threading.Thread(target=end_with_input, daemon=True).start()
main.main()
