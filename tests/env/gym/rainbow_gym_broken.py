1 / 0  # for the tests of rainbow: a module that raises when it is imported
