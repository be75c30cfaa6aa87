"""Tests of the whole project; a package so that its shared parts can be imported."""
