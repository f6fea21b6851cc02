"""What every loss is measured against: its formula at hundreds of digits, on ordinary and extreme input.

Tests hold lossbook against it, the benchmark holds the peers against it too.
"""
