"""The contract test's parts: clients, checks against AWS's models, the calls, and the comparison with moto."""
