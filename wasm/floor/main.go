// Command floor is the measure of size: a WebAssembly program of the same kind that does nothing but import time.
package main

import _ "time"

func main() {}
