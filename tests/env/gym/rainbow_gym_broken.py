1 / 0  # for rainbow's tests: a module that raises an exception on import
