import numpy as np, pandas as pd, inspect
from helpers.augment import RandomAffine
from helpers.data import subset
from helpers.model import small_model
def compare(data, methods, policy, n=128, updates=400, replicates=8, build=small_model, evaluate_at=None):
    rows=[]
    at=set(evaluate_at or [updates]) | {updates}
    for r in range(replicates):
        part=subset(data,n,r); x,y=part.x_train,part.y_train
        aug=RandomAffine(**policy,seed=0) if isinstance(policy,dict) else policy
        for name,m in methods.items():
            model=build(x.shape[1:],seed=r)
            if not model.compiled: model.compile("adam","binary_crossentropy",metrics=["accuracy"])
            two=len(inspect.signature(m).parameters)==2
            u=0; epoch=0
            while u<updates:
                order=np.random.default_rng((r,epoch)).permutation(n)
                v=m(epoch,order) if two else m(epoch)
                if v is None: im=x[order]
                else:
                    v=np.broadcast_to(np.asarray(v),(n,)); im=x[order].copy()
                    for k in set(v.tolist())-{-1}:
                        s=v==k; im[s]=aug.apply(x[order][s], aug.draw(order[s],(r,int(k))))
                h=model.fit(im,y[order],batch_size=32,shuffle=False,verbose=0); u+=n//32; epoch+=1
                if u in at:
                    a=model.evaluate(data.x_val,data.y_val,verbose=0); b=model.evaluate(x,y,verbose=0)
                    rows.append(dict(method=name,replicate=r,update=u,loss=h.history['loss'][-1],accuracy=h.history['accuracy'][-1],train_loss=b[0],train_accuracy=b[1],val_loss=a[0],val_accuracy=a[1]))
    return pd.DataFrame(rows)
