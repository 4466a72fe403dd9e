/*
 * A library with one operation, BactrianTestTwice: y = 2 x, of float. It declares what it uses of TensorFlow's C API
 * itself, so that it can be compiled without TensorFlow's headers: OperationLibraryTest does.
 */
#include <stddef.h>
#include <stdint.h>

typedef struct TF_Status TF_Status;
typedef struct TF_Tensor TF_Tensor;
typedef struct TF_OpDefinitionBuilder TF_OpDefinitionBuilder;
typedef struct TF_KernelBuilder TF_KernelBuilder;
typedef struct TF_OpKernelConstruction TF_OpKernelConstruction;
typedef struct TF_OpKernelContext TF_OpKernelContext;
typedef struct TF_ShapeInferenceContext TF_ShapeInferenceContext;

TF_Status *TF_NewStatus(void);
void TF_DeleteStatus(TF_Status *);
TF_OpDefinitionBuilder *TF_NewOpDefinitionBuilder(const char *);
void TF_OpDefinitionBuilderAddInput(TF_OpDefinitionBuilder *, const char *);
void TF_OpDefinitionBuilderAddOutput(TF_OpDefinitionBuilder *, const char *);
void TF_OpDefinitionBuilderSetShapeInferenceFunction(
    TF_OpDefinitionBuilder *, void (*)(TF_ShapeInferenceContext *, TF_Status *));
void TF_RegisterOpDefinition(TF_OpDefinitionBuilder *, TF_Status *);
TF_KernelBuilder *TF_NewKernelBuilder(const char *, const char *, void *(*)(TF_OpKernelConstruction *),
                                      void (*)(void *, TF_OpKernelContext *), void (*)(void *));
void TF_RegisterKernelBuilder(const char *, TF_KernelBuilder *, TF_Status *);
void TF_GetInput(TF_OpKernelContext *, int, TF_Tensor **, TF_Status *);
TF_Tensor *TF_AllocateOutput(TF_OpKernelContext *, int, int, const int64_t *, int, size_t, TF_Status *);
void *TF_TensorData(const TF_Tensor *);
int TF_NumDims(const TF_Tensor *);
int64_t TF_Dim(const TF_Tensor *, int);
void TF_DeleteTensor(TF_Tensor *);

enum { TF_FLOAT = 1, MAX_RANK = 8 };

static void any_shape(TF_ShapeInferenceContext *context, TF_Status *status) {}

static void *create(TF_OpKernelConstruction *construction) { return NULL; }

static void delete(void *kernel) {}

static void compute(void *kernel, TF_OpKernelContext *context) {
  TF_Status *status = TF_NewStatus();
  TF_Tensor *x = NULL;
  TF_GetInput(context, 0, &x, status);
  int64_t sizes[MAX_RANK], size = 1;
  for (int i = 0; i < TF_NumDims(x); i++) {
    size *= sizes[i] = TF_Dim(x, i);
  }
  TF_Tensor *y =
      TF_AllocateOutput(context, 0, TF_FLOAT, sizes, TF_NumDims(x), size * sizeof(float), status);
  for (int64_t i = 0; i < size; i++) {
    ((float *)TF_TensorData(y))[i] = 2 * ((float *)TF_TensorData(x))[i];
  }
  TF_DeleteTensor(x);
  TF_DeleteTensor(y);
  TF_DeleteStatus(status);
}

__attribute__((constructor)) static void register_twice(void) {
  TF_Status *status = TF_NewStatus();
  TF_OpDefinitionBuilder *definition = TF_NewOpDefinitionBuilder("BactrianTestTwice");
  TF_OpDefinitionBuilderAddInput(definition, "x: float");
  TF_OpDefinitionBuilderAddOutput(definition, "y: float");
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, any_shape);
  TF_RegisterOpDefinition(definition, status);
  TF_RegisterKernelBuilder(
      "BactrianTestTwice", TF_NewKernelBuilder("BactrianTestTwice", "CPU", create, compute, delete), status);
  TF_DeleteStatus(status);
}
