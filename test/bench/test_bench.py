"""What the benchmarks conclude from figures. Run with `python -m unittest` in this folder."""
import re
import tempfile
import unittest
from pathlib import Path

import check
import limits
import report


def seen(server, connections=16, round=0, **figures):
    return {"round": round, "model": "iris", "server": server, "connections": connections, **figures}


def outcome(figures, against):
    return next(one for one in limits.outcomes(figures)
                if one.limit["figure"] == "per_second" and one.limit["against"] == against)


class Conclusions(unittest.TestCase):
    def test_takes_the_median_of_the_ratios_of_rounds(self):
        figures = [seen("service", round=number, per_second=value) for number, value in enumerate((1100, 600, 1000))]
        figures += [seen("fastapi", round=number, per_second=value) for number, value in enumerate((100, 50, 100))]
        self.assertEqual(outcome(figures, "fastapi").found, 11)
        self.assertTrue(outcome(figures, "fastapi").kept)

    def test_sees_what_is_not_kept(self):
        figures = [seen("service", per_second=1099), seen("fastapi", per_second=100)]
        self.assertFalse(outcome(figures, "fastapi").kept)
        slow = [seen("service", connections=0, start_s=1.3), seen("fastapi", connections=0, start_s=1.0)]
        self.assertEqual([one.kept for one in limits.outcomes(slow)], [False])

    def test_says_nothing_of_servers_that_were_not_measured(self):
        self.assertEqual(limits.outcomes([seen("service", per_second=1)]), [])

    def test_compares_what_is_learned_with_the_best_of_the_fixed(self):
        figures = [seen(server, 64, per_second=value)
                   for server, value in (("twin", 850), ("twin-off", 700), ("twin-2", 1000), ("twin-64", 900))]
        self.assertEqual([(one.limit["against"], one.found) for one in limits.outcomes(figures)], [("twin-best", 0.85)])

    def test_writes_a_page_of_what_was_measured(self):
        figures = [seen(server, 16, per_second=1.0, p50_ms=1.0, p99_ms=2.0, cpu_us=3.0, failed=0, busy_before=0.0)
                   for server in ("service", "fastapi", "stranger")]
        about = dict.fromkeys(("machine", "commit", "java", "start", "flags", "python", "date", "command"), "known")
        with tempfile.TemporaryDirectory() as name:
            report.write(Path(name), [about, *figures])
            page = (Path(name) / "README.md").read_text()
            for plot in re.findall(r'(?:src|srcset)="(throughput.*?)"', page):
                self.assertTrue((Path(name) / plot).exists(), plot)
        self.assertIn("| iris | 16 | service | 1 | 1.00 | 2.00 | 3 | 0 |", page)
        self.assertNotIn("stranger", page)
        self.assertNotRegex(page, r"\{\w+\}")

    def test_tells_disturbed_figures(self):
        text = report.disturbance([seen("service", busy_before=share) for share in (0.01, 0.02, 0.9)])
        self.assertIn("Before 1 of the 3 closed loops", text)

    def test_tells_a_command_that_holds_on_other_machines(self):
        given = ["--rounds", "5", "--peers", "/home/me/peers.json", "--out=/tmp/figures", "--java", "/opt/jdk"]
        self.assertEqual(report.command(given), "test/measure/benchmarks.sh --rounds 5")

    def test_compares_answers_of_both_forms(self):
        expected = {"label": [2], "probabilities": [0.25, 0.75]}
        right = '{"outputs":{"label":[2],"probabilities":[[0.25,0.750001]]}}'
        self.assertIsNone(check.problem(right, expected))
        listed = '{"outputs":[{"name":"label","data":[1]},{"name":"probabilities","data":[0.25,0.75]}]}'
        self.assertEqual(check.problem(listed, expected), "output 'label': element 0 is 1 (expected: 2)")
        behind = b'{"outputs":[{"name":"label","datatype":"INT64","parameters":{"binary_data_size":8}},' \
                 b'{"name":"probabilities","data":[0.25,0.75]}]}' + (2).to_bytes(8, "little")
        self.assertIsNone(check.problem(behind, expected))
        self.assertIn("element 0 is 3", check.problem(behind[:-8] + (3).to_bytes(8, "little"), expected))
        self.assertIn("element 1 is 0.76", check.problem('{"outputs":{"label":[2],"probabilities":[0.25,0.76]}}', expected))
        self.assertIn("1 elements", check.problem('{"outputs":{"label":[2],"probabilities":[0.25]}}', expected))
        self.assertIn("outputs ['label']", check.problem('{"outputs":{"label":[2]}}', expected))


if __name__ == "__main__":
    unittest.main()
