package store_test

const doomedURL = "SLIPWAY_STORE_TEST_DOOMED_URL"

func doomed(string) {}
