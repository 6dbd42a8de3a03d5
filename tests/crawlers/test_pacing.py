from crawlers.pacing import KEPT_HOSTS, Pace


class Time:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_the_first_request_goes_at_once_and_the_next_takes_its_turn() -> None:
    time = Time()
    pace = Pace(1.0, monotonic=time, sleep=time.sleep)
    assert pace.wait("a") == 0
    time.now += 0.25
    assert pace.wait("a") == 0.75
    assert pace.wait("a") == 1.0
    assert time.slept == [0.75, 1.0]


def test_hosts_do_not_wait_for_one_another() -> None:
    time = Time()
    pace = Pace(1.0, monotonic=time, sleep=time.sleep)
    assert [pace.wait(host) for host in "abc"] == [0, 0, 0]


def test_a_host_left_alone_long_enough_goes_at_once() -> None:
    time = Time()
    pace = Pace(1.0, monotonic=time, sleep=time.sleep)
    pace.wait("a")
    time.now += 5
    assert pace.wait("a") == 0


def test_hosts_whose_turn_has_passed_are_forgotten() -> None:
    time = Time()
    pace = Pace(1.0, monotonic=time, sleep=time.sleep)
    for number in range(KEPT_HOSTS):
        pace.wait(str(number))
    time.now += 10
    pace.wait("one more")
    assert len(pace._next) == 1
