"""The benches of deconfliction: schedules, crashes, speed."""
