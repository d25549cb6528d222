"""Exercises, a module for each chapter: its `EXERCISES` are found by themselves."""
