package main

//go:wasmexport nothing
func nothing() {}
