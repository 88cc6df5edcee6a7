"""Builds the program that runs on the phone, from ncnn's source, without the NDK."""
